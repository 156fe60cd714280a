/** 受信任的CA: whom the bid tool trusts and from where; one more after its fingerprint was compared; those that were added here can be removed. */
import { DeleteOutlined } from '@ant-design/icons';
import { Alert, App, Button } from 'antd';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrustedAuthority } from '#shared/contract/desktop/authorities.ts';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import type { DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { AddFiles } from '../../../components/add-files.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { AuthorityFacts } from './authority-facts.tsx';
import { ConfirmAuthority } from './confirm-authority.tsx';
import { isInTime } from './is-in-time.ts';

const CERTIFICATE_ENDINGS = ['.cer', '.crt', '.pem', '.der'];
const AUTHORITIES = ['authorities'];

export function TrustedAuthorities() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const list = useQuery({ queryKey: AUTHORITIES, queryFn: () => engine.call('authorities.list', undefined), staleTime: 0 });
  const [candidate, setCandidate] = useState<DesktopOutput<'authorities.inspect'> | null>(null);
  const { folder, caBaseUrl, authorities } = list.data ?? { folder: '', caBaseUrl: null, authorities: [] };
  const fromService = authorities.some(({ source }) => source === 'ca-service');
  return (
    <Section label={t('authorities.title')} title={t('authorities.title')}>
      <p className="bk-secondary">{t('authorities.lead')}</p>
      {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.data && authorities.length === 0 ? <p className="bk-notice">{t('authorities.none')}</p> : null}
      {list.data && !fromService && caBaseUrl !== null ? <p className="bk-secondary">{t('authorities.noneService', { address: caBaseUrl })}</p> : null}
      <ul className="bk-plain-list bk-authorities">{authorities.map((authority) => <Authority key={authority.id} authority={authority} onChanged={(changed) => client.setQueryData(AUTHORITIES, changed)} />)}</ul>
      <p className="bk-label">{t('authorities.add')}</p>
      <AddFiles label={t('authorities.add')} endings={CERTIFICATE_ENDINGS} several={false} onFile={async (source: FileSource) => setCandidate(await engine.call('authorities.inspect', { source }))} />
      {list.data ? <p className="bk-secondary">{t('authorities.folder', { path: folder })}</p> : null}
      {candidate ? <ConfirmAuthority candidate={candidate} onAdded={(changed) => { client.setQueryData(AUTHORITIES, changed); setCandidate(null); }} onClose={() => setCandidate(null)} /> : null}
    </Section>
  );
}

function Authority({ authority, onChanged }: { authority: TrustedAuthority; onChanged: (changed: DesktopOutput<'authorities.remove'>) => void }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const engine = useEngine();
  const remove = useAction(async () => onChanged(await engine.call('authorities.remove', { id: authority.id })));
  const name = authority.certificates[0]?.facts.subjectCommonName ?? authority.id;
  const ask = () => void modal.confirm({ title: t('authorities.removeAsk', { name }), content: t('authorities.removeMeaning'), okText: t('authorities.remove'), cancelText: t('common.cancel'), onOk: () => remove.run() });
  return (
    <li>
      <div className="bk-authority-head">
        <span className="bk-secondary">{t(`authorities.source.${authority.source}`)}</span>
        {authority.source === 'added'
          ? <Button size="small" icon={<DeleteOutlined />} loading={remove.running} aria-label={t('authorities.removeOf', { name })} onClick={ask}>{t('authorities.remove')}</Button>
          : <span className="bk-secondary">{t(`authorities.sourceMeaning.${authority.source}`)}</span>}
      </div>
      {authority.certificates.length === 0 ? <Alert type="warning" showIcon title={<><code>{authority.id}</code> {t('authorities.unreadable')}</>} /> : null}
      {authority.certificates.map((certificate) => (
        <div key={certificate.facts.sha256Hex} className="bk-authority">
          <div className="bk-inline"><strong>{certificate.facts.subjectCommonName}</strong><ToneTag tone={certificate.role === 'anchor' ? 'ok' : 'notice'}>{t(`authorities.role.${certificate.role}`)}</ToneTag>{isInTime(certificate.facts) ? null : <ValidityTag {...certificate.facts} />}</div>
          <AuthorityFacts certificate={certificate} />
        </div>
      ))}
      {remove.error ? <ErrorPanel error={remove.error} /> : null}
    </li>
  );
}
