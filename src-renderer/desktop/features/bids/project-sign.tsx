/** 标书签章: CA认证 (which key), which documents, one PIN for all of them; the PIN dialog names what will be signed. */
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidDocument, BidProject } from '#shared/contract/desktop/bids.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { WorkProgress } from '../../../components/work-progress.tsx';
import { useBidWork, useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { sizeText } from '../../../lib/sizes.ts';
import { useAction } from '../../../lib/use-action.ts';
import { useAfterWork } from './use-after-work.ts';

const MAX_NAMED = 12;

export function ProjectSign({ project }: { project: BidProject }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(wanting(project).map(({ id }) => id)));
  const [asking, setAsking] = useState(false);
  const [workId, setWorkId] = useState<string | null>(null);
  const work = useBidWork(workId).data ?? null;
  useAfterWork(work, project.id, (next) => setChosen(new Set(wanting(next).map(({ id }) => id))));

  const documents = project.parts.flatMap((part) => project.documents.filter((document) => document.partId === part.id));
  const toSign = documents.filter(({ id }) => chosen.has(id));
  const sign = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    const begun = await engine.call('bids.sign', { projectId: project.id, token: token.ref, pin, confirmedFewTries, documentIds: toSign.map(({ id }) => id) });
    keep.work(begun);
    setWorkId(begun.id);
    setAsking(false);
  });
  const running = work?.state === 'running';
  if (documents.length === 0) return <Section><p className="bk-secondary">{t('bids.sign.nothing')}</p></Section>;
  return (
    <div className="bk-stack">
      <Section number={1} title={t('bids.sign.caTitle')}>
        <ChoosePluggedKey title={t('bids.sign.chooseKey')} accepts={canSign} value={token} onChange={setToken} />
        <p className="bk-secondary">{t('bids.sign.scanLater')}</p>
      </Section>
      <Section number={2} title={t('bids.sign.what')} extra={<Button onClick={() => setChosen(chosen.size === documents.length ? new Set() : new Set(documents.map(({ id }) => id)))}>{chosen.size === documents.length ? t('bids.sign.noneOfThem') : t('bids.sign.all')}</Button>}>
        <ul className="bk-plain-list bk-documents">
          {documents.map((document) => <SignRow key={document.id} project={project} document={document} chosen={chosen.has(document.id)} onToggle={() => setChosen(toggled(chosen, document.id))} />)}
        </ul>
      </Section>
      {work && work.state !== 'done' ? <WorkProgress work={work} /> : null}
      <div className="bk-submit">
        <Button type="primary" size="large" disabled={token === null || toSign.length === 0 || running} onClick={() => setAsking(true)}>{t('bids.sign.submit', { count: toSign.length })}</Button>
        <span className="bk-secondary">{t('bids.sign.onePin')}</span>
      </div>
      {token ? (
        <PinDialog open={asking} title={t('bids.sign.pinTitle')} okText={t('bids.sign.pinOk')} token={token} running={sign.running} error={sign.error} onSubmit={(answer) => void sign.run(answer)} onCancel={() => { setAsking(false); sign.clear(); }}>
          <div className="bk-to-sign">
            <p><strong>{t('bids.sign.willSign', { count: toSign.length })}</strong></p>
            <ul>{toSign.slice(0, MAX_NAMED).map(({ id, name }) => <li key={id}>{name}</li>)}{toSign.length > MAX_NAMED ? <li>{t('bids.sign.more', { count: toSign.length - MAX_NAMED })}</li> : null}</ul>
          </div>
        </PinDialog>
      ) : null}
    </div>
  );
}

/** A key that cannot sign is of no use here; which certificate is valid now is the engine's to say. */
const canSign = (token: TokenSummary): boolean => token.certificates.some(({ purpose }) => purpose !== 'encrypt');

const wanting = (project: BidProject): BidDocument[] => project.documents.filter((document) => document.signature === null && project.parts.some((part) => part.id === document.partId && part.mustBeSigned));

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

function SignRow({ project, document, chosen, onToggle }: { project: BidProject; document: BidDocument; chosen: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const part = project.parts.find(({ id }) => id === document.partId);
  return (
    <li>
      <Checkbox checked={chosen} onChange={onToggle} aria-label={document.name} />
      <div className="bk-document-facts">
        <strong>{document.name}</strong>
        <span className="bk-secondary">{part?.title ?? ''} · {sizeText(document.sizeBytes)}</span>
      </div>
      {document.signature ? <CertificateLine facts={document.signature.signer} /> : <ToneTag tone={part?.mustBeSigned ? 'warn' : 'plain'}>{part?.mustBeSigned ? t('bids.sign.needed') : t('bids.sign.free')}</ToneTag>}
    </li>
  );
}
