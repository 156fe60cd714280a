/** 试解密: will it open? Choose the sealed file, try each plugged key on it; what came out is dated, signed and kept. */
import { CheckCircleFilled, CloseCircleFilled, InfoCircleFilled } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { RehearsalResult, SealedFacts } from '#shared/contract/desktop/bids.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { SealedFileFacts } from '../../../components/sealed-file-facts.tsx';
import { WorkProgress } from '../../../components/work-progress.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { BID_KEYS, useBidWork, useKeep, useRehearsals } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useErrorText } from '../../../lib/error-text.ts';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { useTokens } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { BID_ENDINGS, useBidPath } from '../../../lib/use-bid-path.ts';

export function RehearsePage() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const { path, setPath, error: pathError } = useBidPath();
  const groupTitle = useGroupTitle();
  const [facts, setFacts] = useState<SealedFacts | null>(null);
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [results, setResults] = useState<readonly RehearsalResult[]>([]);
  const tokens = useTokens().data?.tokens ?? [];

  const inspect = useAction(async (wanted: string) => {
    setFacts(null);
    setResults([]);
    setFacts(await engine.call('sealed.inspect', { path: wanted }));
  });
  const look = inspect.run;
  useEffect(() => {
    if (/\.bid$/i.test(path.trim())) void look(path.trim());
    else setFacts(null);
  }, [path, look]);
  const rehearse = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    const result = await engine.call('sealed.rehearse', { path: path.trim(), keys: [{ token: token.ref, pin, confirmedFewTries }] });
    setResults((before) => [result, ...before]);
    setToken(null);
    await client.invalidateQueries({ queryKey: BID_KEYS.rehearsals });
  });

  return (
    <Page title={t('rehearse.title')} lead={t('rehearse.lead')}>
      <Section number={1} title={t('rehearse.file')}>
        <PathField label={t('rehearse.fileLabel')} wanted="file" endings={BID_ENDINGS} value={path} onChange={setPath} />
        {inspect.error ?? pathError ? <ErrorPanel error={inspect.error ?? pathError} /> : null}
        {facts ? <><SealedFileFacts facts={facts} /><Verify path={facts.path} /></> : null}
        {facts?.kind === 'sealed' ? <div className="bk-actions"><Link to={`/rewrap?file=${encodeURIComponent(facts.path)}`} className="bk-button-link">{t('rewrap.title')}</Link><span className="bk-secondary">{t('rewrap.meaning')}</span></div> : null}
      </Section>
      {facts?.kind === 'sealed' ? (
        <Section number={2} title={t('rehearse.keys')}>
          <p className="bk-secondary">{t('rehearse.keysMeaning')}</p>
          <ul className="bk-plain-list bk-rehearse-keys">
            {tokens.map((one) => {
              const group = facts.groups.find(({ openers }) => openers.some(({ pluggedSerial }) => pluggedSerial === one.ref.serial));
              return (
                <li key={`${one.ref.driverId} ${one.ref.serial}`}>
                  <KeyLine token={one} />
                  <div><PinStateText pin={one.pin} named /><div className={group ? 'bk-ok' : 'bk-secondary'}>{group ? t('rehearse.isOpener', { group: groupTitle(group.name) }) : t('rehearse.noOpener')}</div></div>
                  <Button type={group ? 'primary' : 'default'} aria-label={t('rehearse.tryOf', { serial: one.ref.serial })} onClick={() => setToken(one)}>{t('rehearse.try')}</Button>
                </li>
              );
            })}
            {tokens.length === 0 ? <li className="bk-warn">{t('keys.none')}</li> : null}
          </ul>
          <div aria-live="polite" className="bk-stack">{results.map((result) => <Result key={result.atUtc} result={result} />)}</div>
        </Section>
      ) : null}
      <Kept />
      {token ? <PinDialog open title={t('rehearse.pinTitle')} okText={t('rehearse.try')} token={token} running={rehearse.running} error={rehearse.error} onSubmit={(answer) => void rehearse.run(answer)} onCancel={() => { setToken(null); rehearse.clear(); }} /> : null}
    </Page>
  );
}

/** Every octet and every signature, without a key. */
function Verify({ path }: { path: string }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const keep = useKeep();
  const [workId, setWorkId] = useState<string | null>(null);
  const work = useBidWork(workId).data ?? null;
  const begin = useAction(async () => {
    const begun = await engine.call('sealed.verify', { path });
    keep.work(begun);
    setWorkId(begun.id);
  });
  return (
    <div className="bk-stack">
      <div className="bk-actions"><Button loading={begin.running || work?.state === 'running'} onClick={() => void begin.run()}>{t('rehearse.verify')}</Button><span className="bk-secondary">{t('rehearse.verifyMeaning')}</span></div>
      {begin.error ? <ErrorPanel error={begin.error} /> : null}
      {work?.state === 'done' ? <Alert type="success" showIcon title={t('rehearse.verified')} /> : work ? <WorkProgress work={work} /> : null}
    </div>
  );
}

function Result({ result }: { result: RehearsalResult }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const groupTitle = useGroupTitle();
  const worked = result.keys.some(({ errorCode }) => errorCode === null);
  const tone = result.opened ? 'success' : worked ? 'info' : 'error';
  const icon = result.opened ? <CheckCircleFilled /> : worked ? <InfoCircleFilled /> : <CloseCircleFilled />;
  return (
    <Alert
      type={tone}
      showIcon
      icon={icon}
      title={result.opened ? t('rehearse.opened') : worked ? t('rehearse.shareOnly', { groups: result.missingGroups.map(groupTitle).join(t('common.listSeparator')) }) : t('rehearse.failed')}
      description={
        <>
          {result.keys.map((key) => <div key={`${key.serial} ${key.facts?.sha256Hex ?? ''}`}>{key.facts?.subjectCommonName ?? key.serial} · {key.errorCode === null ? t('rehearse.keyWorks') : isErrorCode(key.errorCode) ? errorText(key.errorCode).title : key.errorCode}</div>)}
          <div className="bk-secondary">{beijingTime(result.atUtc)}{result.resultPath === null ? '' : ` · ${t('rehearse.keptAt', { path: result.resultPath })}`}</div>
        </>
      }
    />
  );
}

function Kept() {
  const { t } = useTranslation();
  const rehearsals = useRehearsals();
  const rows = rehearsals.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('rehearse.kept')}>
      <ul className="bk-plain-list bk-kept">
        {rows.map((row) => <li key={`${row.atUtc} ${row.sealIdHex}`}><span className={row.opened ? 'bk-ok' : 'bk-warn'}>{row.opened ? t('rehearse.openedShort') : t('rehearse.notOpenedShort')}</span><span>{beijingTime(row.atUtc)}</span><code>{row.sealIdHex.slice(0, 8)}</code><span className="bk-secondary">{row.path}</span></li>)}
      </ul>
    </Section>
  );
}
