/** 远程解密, the bidder's side: who asks for the share of which bid, until when; then this key's answer, a file of kilobytes. The bid itself stays here. */
import { CheckCircleFilled } from '@ant-design/icons';
import { Alert, Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChallengeFacts } from '#shared/contract/desktop/openings.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { isTypedAs } from '#shared/forms/as-typed.ts';
import { CertificateLine } from '../../../components/certificate-line.tsx';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { CopyButton } from '../../../components/copy-button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { TypedName } from '../../../components/typed-name.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useAction } from '../../../lib/use-action.ts';

const BID_ENDINGS = ['.bid'];
const CHALLENGE_ENDINGS = ['.challenge'];

export function AnswerPage() {
  const { t } = useTranslation();
  const engine = useEngine();
  const [bidPath, setBid] = useState('');
  const [challengePath, setChallenge] = useState('');
  const [facts, setFacts] = useState<ChallengeFacts | null>(null);
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [early, setEarly] = useState(false);
  const [typed, setTyped] = useState('');
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const look = useAction(async () => {
    setMade(null);
    setFacts(await engine.call('shares.inspect', { bidPath: bidPath.trim(), challengePath: challengePath.trim() }));
  });
  const answer = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null || facts === null) return;
    const outPath = challengePath.trim().replace(/(\.challenge)?$/i, '.answer');
    const result = await engine.call('shares.answer', { bidPath: bidPath.trim(), challengePath: challengePath.trim(), outPath, token: token.ref, pin, confirmedFewTries, ...(early ? { beforeTimeConfirmed: true } : {}), receiverSha256: facts.hall.sha256Hex, ...(facts.confirmation === null ? {} : { typedReceiver: typed }) });
    setMade(result.path);
    setAsking(false);
  });
  const forget = () => {
    setFacts(null);
    setMade(null);
    setTyped('');
  };
  const confirmed = facts !== null && (facts.confirmation === null || isTypedAs(typed, facts.confirmation));
  return (
    <Page title={t('shares.title')} lead={t('shares.lead')}>
      <Section number={1} title={t('shares.files')}>
        <PathField label={t('shares.bid')} wanted="file" endings={BID_ENDINGS} value={bidPath} onChange={(path) => { setBid(path); forget(); }} />
        <PathField label={t('shares.challenge')} wanted="file" endings={CHALLENGE_ENDINGS} value={challengePath} onChange={(path) => { setChallenge(path); forget(); }} />
        <div className="bk-actions"><Button type={facts ? 'default' : 'primary'} disabled={bidPath.trim() === '' || challengePath.trim() === ''} loading={look.running} onClick={() => void look.run()}>{t('shares.look')}</Button></div>
        {look.error ? <ErrorPanel error={look.error} /> : null}
      </Section>
      {facts ? (
        <Section number={2} title={t('shares.who')}>
          <Receiver facts={facts} />
          <dl className="bk-facts">
            <div><dt>{t('shares.until')}</dt><dd>{t('certificate.fromTo', { from: beijingTime(facts.issuedAtUtc), to: beijingTime(facts.expiresAtUtc) })}</dd></div>
            <div><dt>{t('bids.info.opensAt')}</dt><dd>{facts.opensAtUtc === null ? t('bids.list.noTime') : beijingTime(facts.opensAtUtc)}</dd></div>
            <div><dt>{t('bids.result.sealId')}</dt><dd><code>{facts.sealIdHex}</code></dd></div>
          </dl>
          {facts.group === null ? <Alert type="warning" showIcon title={t('shares.noKey')} /> : null}
          {facts.openingTimeReached ? null : <><Alert type="warning" showIcon title={t('shares.early')} /><Checkbox checked={early} onChange={(event) => setEarly(event.target.checked)}>{t('shares.earlyConfirm')}</Checkbox></>}
          {facts.confirmation === null ? null : (
            <TypedName label={t('shares.confirm')} meaning={t('shares.confirmMeaning', { name: facts.confirmation })} value={typed} onChange={setTyped} />
          )}
          <ChoosePluggedKey title={t('shares.key')} value={token} onChange={setToken} />
          <div className="bk-submit"><Button type="primary" size="large" disabled={token === null || !confirmed || (!facts.openingTimeReached && !early)} onClick={() => setAsking(true)}>{t('shares.answer')}</Button><span className="bk-secondary">{t('shares.answerMeaning')}</span></div>
          {made ? <Alert type="success" showIcon icon={<CheckCircleFilled />} title={t('shares.made')} description={<><code>{made}</code> <CopyButton text={made} label={t('bids.result.copyPath')} /></>} /> : null}
        </Section>
      ) : null}
      {token ? <PinDialog open={asking} title={t('shares.pinTitle')} okText={t('shares.answer')} token={token} running={answer.running} error={answer.error} onSubmit={(given) => void answer.run(given)} onCancel={() => { setAsking(false); answer.clear(); }}>{facts ? <p>{t('shares.pinFor', { who: facts.hall.subjectCommonName })}</p> : null}</PinDialog> : null}
    </Page>
  );
}

/** Who asks and who gets the share are two certificates: a stranger's request could name a key of the stranger's. */
function Receiver({ facts }: { facts: ChallengeFacts }) {
  const { t } = useTranslation();
  const judged = (trust: ChallengeFacts['hallTrust']) => <p className={trust === 'trusted' ? 'bk-ok' : trust === 'not-checked' ? 'bk-warn' : 'bk-bad'}>{t(`shares.trust.${trust}`)}</p>;
  return (
    <>
      <h3>{t('shares.gets')}</h3>
      <CertificateLine facts={facts.hall} />
      {judged(facts.hallTrust)}
      <p className="bk-secondary">{t('shares.getsMeaning')}</p>
      <h3>{t('shares.asks')}</h3>
      <CertificateLine facts={facts.signer} />
      {judged(facts.signerTrust)}
      {facts.sameHolder ? null : <Alert type="error" showIcon title={t('shares.otherHolder')} />}
    </>
  );
}
