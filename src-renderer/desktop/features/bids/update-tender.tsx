/** 更新招标文件（补遗）: a newer package is chosen, verified and compared; who signed and what is different stand here before anything is taken over. */
import { CheckCircleFilled, DiffOutlined } from '@ant-design/icons';
import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidProject } from '#shared/contract/desktop/bids.ts';
import type { TenderComparison } from '#shared/contract/desktop/tender-updates.ts';
import { isTypedAs } from '#shared/forms/as-typed.ts';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { TypedName } from '../../../components/typed-name.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';
import { TENDER_ENDINGS } from './new-project.tsx';
import { TenderDifferences } from './tender-differences.tsx';
import { TenderEffects } from './tender-effects.tsx';

type Step = 'info' | 'parts' | 'sign' | 'seal';

export function UpdateTender({ project, onGo }: { project: BidProject; onGo: (step: Step) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<DiffOutlined />} onClick={() => setOpen(true)}>{t('tenderUpdate.open')}</Button>
      <Modal open={open} title={t('tenderUpdate.title')} width={860} className="bk-dialog" footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        <UpdateForm project={project} onClose={() => setOpen(false)} onGo={(step) => { setOpen(false); onGo(step); }} />
      </Modal>
    </>
  );
}

function UpdateForm({ project, onClose, onGo }: { project: BidProject; onClose: () => void; onGo: (step: Step) => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [path, setPath] = useState('');
  const [shown, setShown] = useState<TenderComparison | null>(null);
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState(false);
  const look = useAction(async (wanted: string) => {
    setShown(null);
    setShown(await engine.call('bids.compareTender', { projectId: project.id, source: { path: wanted } }));
  });
  const take = useAction(async () => {
    if (shown === null) return;
    keep.project(await engine.call('bids.takeTender', { projectId: project.id, revision: shown.revision, source: { path: path.trim() }, rootHex: shown.rootHex, typedSigner: typed }));
    setDone(true);
  });
  const choose = (next: string) => {
    setPath(next);
    setShown(null);
    setTyped('');
    take.clear();
    if (/\.tender$/i.test(next.trim())) void look.run(next.trim());
  };
  if (done && shown) return <Done comparison={shown} onClose={onClose} onGo={onGo} />;
  const confirmed = shown !== null && (shown.confirmation === null || isTypedAs(typed, shown.confirmation));
  return (
    <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (confirmed) void take.run(); }}>
      <p className="bk-secondary">{t('tenderUpdate.meaning')}</p>
      <PathField label={t('tenderUpdate.file')} wanted="file" endings={TENDER_ENDINGS} value={path} onChange={choose} />
      {look.running ? <p role="status">{t('tenderUpdate.comparing')}</p> : null}
      {look.error ? <ErrorPanel error={look.error} /> : null}
      {shown ? (
        <>
          <SignerShown comparison={shown} />
          <section className="bk-update-section" aria-label={t('tenderUpdate.differences')}><h3>{t('tenderUpdate.differences')}</h3><TenderDifferences differences={shown.differences} /></section>
          <section className="bk-update-section" aria-label={t('tenderUpdate.effects')}><h3>{t('tenderUpdate.effects')}</h3><TenderEffects effects={shown.effects} /></section>
          {shown.confirmation === null ? null : (
            <TypedName label={t('tenderUpdate.confirmLabel')} meaning={t('tenderUpdate.confirmMeaning', { name: shown.confirmation })} value={typed} onChange={setTyped} />
          )}
        </>
      ) : null}
      {take.error ? <ErrorPanel error={take.error} /> : null}
      <div className="bk-actions"><Button type="primary" size="large" htmlType="submit" disabled={!confirmed} loading={take.running}>{t('tenderUpdate.submit')}</Button></div>
    </form>
  );
}

/** Whether it is the signer from before stands first: a package from somebody else is how a bid goes to the wrong openers. */
function SignerShown({ comparison: { tender, replaces, signer } }: { comparison: TenderComparison }) {
  const { t } = useTranslation();
  return (
    <div className="bk-tender-shown">
      <p className="bk-ok"><CheckCircleFilled aria-hidden="true" /> {t('bids.tender.signatureValid')}</p>
      <CertificateLine facts={tender.signer} />
      {signer === 'same' ? <p className="bk-secondary">{t('tenderUpdate.signer.same')} {t(`bids.tender.trust.${tender.signerTrust}`)}</p> : <Alert type="error" showIcon title={t('tenderUpdate.signer.other', { name: replaces.signer.subjectCommonName })} description={t(`bids.tender.trust.${tender.signerTrust}`)} />}
      {tender.signerTrust === 'untrusted' ? <Alert type="error" showIcon title={t('tenderUpdate.signer.untrusted')} /> : null}
      <dl className="bk-facts"><div><dt>{t('tenderUpdate.madeAt')}</dt><dd>{t('tenderUpdate.change', { before: beijingTime(replaces.madeAtUtc), after: beijingTime(tender.madeAtUtc) })}</dd></div></dl>
    </div>
  );
}

function Done({ comparison: { effects }, onClose, onGo }: { comparison: TenderComparison; onClose: () => void; onGo: (step: Step) => void }) {
  const { t } = useTranslation();
  const steps: Step[] = [...(effects.lotLost === null ? [] : ['info' as const]), 'parts', ...(effects.toSign.length === 0 ? [] : ['sign' as const]), ...(effects.sealedForOlder === 0 ? [] : ['seal' as const])];
  return (
    <div className="bk-stack">
      <p className="bk-ok" role="status"><CheckCircleFilled aria-hidden="true" /> {t('tenderUpdate.done')}</p>
      <TenderEffects effects={effects} />
      <div className="bk-actions">{steps.map((step) => <Button key={step} onClick={() => onGo(step)}>{t(`tenderUpdate.go.${step}`)}</Button>)}<Button type="primary" onClick={onClose}>{t('tenderUpdate.close')}</Button></div>
    </div>
  );
}
