/** The form of 制证: model, key, authorization code; then the key's password. The button says what is still missing. */
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenList, TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { CodeField } from '../../../components/code-field.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { sameKey } from '../../../lib/key-name.ts';
import { QUERY_KEYS, useCaStatus, useTokens, useUkeyModels, useUnfinishedDeeds, type PendingRow } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { CertificatesOnKey } from './certificates-on-key.tsx';
import { ChooseKey } from './choose-key.tsx';
import { ChooseModel } from './choose-model.tsx';
import { missingForStart } from './start-readiness.ts';

/** Answers that belong to the password: the dialog stays open for them. */
const PIN_ERRORS = new Set<string>(['PIN_INCORRECT', 'PIN_NOT_CONFIRMED', 'PIN_LOCKED']);

interface NewIssueFormProps {
  readonly row: PendingRow;
  readonly remaining: number;
  readonly written: readonly TokenRef[];
  readonly modelId: string | null;
  readonly onModel: (modelId: string | null) => void;
  readonly code: string;
  readonly onCode: (code: string) => void;
  readonly onBegun: (begun: { deedId: string; token: TokenRef; fingerprintsBefore: readonly string[] }) => void;
}

export function NewIssueForm(props: NewIssueFormProps) {
  const tokens = useTokens();
  const models = useUkeyModels();
  const failed = tokens.error ?? models.error;
  if (failed) return <ErrorPanel error={failed} onRetry={() => { void tokens.refetch(); void models.refetch(); }} />;
  if (!tokens.data || !models.data) return <Loading />;
  return <Form {...props} list={tokens.data} />;
}

function Form({ row, remaining, written, modelId: chosenModelId, onModel, code, onCode, onBegun, list }: NewIssueFormProps & { list: TokenList }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const models = useUkeyModels().data ?? [];
  const [chosenKey, setChosenKey] = useState<TokenRef | null>(null);
  const [agreed, setAgreed] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);

  const modelId = chosenModelId ?? onlyPluggedModel(list, row.keyAlgorithm);
  const model = models.find((candidate) => candidate.id === modelId) ?? null;
  const candidates = openKeys(list, modelId, written);
  const token = keyOf(candidates, chosenKey);
  const missing = missingForStart({ remaining, modelId: model?.id ?? null, token, candidates: candidates.length, agreed, code });

  const start = useAction(async (key: TokenSummary, { pin, confirmedFewTries }: PinAnswer) => {
    const fingerprintsBefore = key.certificates.map((certificate) => certificate.sha256Hex);
    const deed = await engine
      .call('writing.startNewIssue', { requestId: row.requestId, token: key.ref, tokenModelId: model?.id ?? '', authorizationCode: code, pin, agreedToAddBesideCertificates: fingerprintsBefore, confirmedFewTries })
      .catch((thrown: unknown) => {
        // Tries left and certificates may be other than shown.
        void client.invalidateQueries({ queryKey: QUERY_KEYS.tokens });
        throw thrown;
      });
    client.setQueryData(QUERY_KEYS.deed(deed.id), deed);
    void client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
    setAsking(false);
    onBegun({ deedId: deed.id, token: key.ref, fingerprintsBefore });
  });
  const pinError = start.error && PIN_ERRORS.has(start.error.code) ? start.error : null;
  const otherError = start.error && pinError === null ? start.error : null;

  return (
    <>
      <UnfinishedNotice requestId={row.requestId} />
      <Section number={1} title={t('issue.model.title')}>
        <ChooseModel models={models} list={list} value={modelId} onChange={onModel} />
      </Section>
      <Section number={2} title={t('issue.key.title')}>
        {model ? (
          <ChooseKey model={model} models={models} list={list} written={written} value={token} onChange={setChosenKey} onModel={onModel} />
        ) : (
          <p className="bk-secondary">{t('issue.key.afterModel')}</p>
        )}
        {token ? <KeyProblem missing={missing} /> : null}
        {token && token.certificates.length > 0 && !missing.includes('keyLocked') ? <CertificatesOnKey certificates={token.certificates} agreed={agreed} onAgree={setAgreed} /> : null}
      </Section>
      <Section number={3} title={<label htmlFor="authorization-code">{t('issue.code.title')}</label>}>
        <CodeField id="authorization-code" value={code} onChange={onCode} describedBy="authorization-code-hint" />
        <CodeHint row={row} />
      </Section>
      {otherError ? <ErrorPanel error={otherError} /> : null}
      <div className="bk-submit">
        <Button type="primary" size="large" disabled={missing.length > 0} aria-describedby="issue-missing" onClick={() => { start.clear(); setAsking(true); }}>{t('issue.confirm')}</Button>
        <span id="issue-missing" className="bk-secondary" aria-live="polite">
          {missing.length > 0 ? t('issue.missing.lead', { what: missing.map((name) => t(`issue.missing.${name}`)).join(t('common.listSeparator')) }) : t('issue.thenPin')}
        </span>
      </div>
      {token ? (
        <PinDialog
          open={asking && otherError === null}
          title={t('issue.pinTitle')}
          okText={t('issue.begin')}
          token={token}
          running={start.running}
          error={pinError}
          onSubmit={(answer) => void start.run(token, answer)}
          onCancel={() => {
            setAsking(false);
            start.clear();
          }}
        />
      ) : null}
    </>
  );
}

/** The model is chosen by picture; when only one model is plugged that can have the keys of the project, its picture is chosen already. */
function onlyPluggedModel(list: TokenList, algorithm: PendingRow['keyAlgorithm']): string | null {
  const able = list.tokens.filter(({ keyAlgorithms }) => keyAlgorithms?.includes(algorithm) ?? true);
  const plugged = new Set(able.flatMap((token) => (token.modelId === null ? [] : [token.modelId])));
  return plugged.size === 1 ? ([...plugged][0] ?? null) : null;
}

function openKeys(list: TokenList, modelId: string | null, written: readonly TokenRef[]): TokenSummary[] {
  return list.tokens.filter((token) => token.modelId === modelId && !written.some((done) => sameKey(done, token.ref)));
}

function keyOf(open: readonly TokenSummary[], chosen: TokenRef | null): TokenSummary | null {
  const only = open.length === 1 ? open[0] : undefined;
  return open.find((token) => chosen !== null && sameKey(token.ref, chosen)) ?? only ?? null;
}

function KeyProblem({ missing }: { missing: readonly string[] }) {
  const { t } = useTranslation();
  if (missing.includes('keyLocked')) return <Alert type="error" showIcon title={t('pin.notice.locked')} />;
  if (missing.includes('keyNotInitialised')) return <Alert type="error" showIcon title={t('pin.notice.unusable')} />;
  if (missing.includes('pinMustChange')) return <Alert type="warning" showIcon title={t('pin.notice.mustChange')} action={<Link to="/keys">{t('nav.keys')}</Link>} />;
  return null;
}

function CodeHint({ row }: { row: PendingRow }) {
  const { t } = useTranslation();
  const sandbox = useCaStatus().data?.info?.sandbox?.url;
  return (
    <p id="authorization-code-hint" className="bk-secondary">
      {t('issue.code.hint')}
      {row.codeExpiresAtUtc ? ` ${t('issue.code.until', { time: beijingTime(row.codeExpiresAtUtc) })}` : ''}
      {sandbox ? <>{' '}<a href={sandbox} target="_blank" rel="noopener noreferrer">{t('pending.sandbox')}</a></> : null}
    </p>
  );
}

function UnfinishedNotice({ requestId }: { requestId: string }) {
  const { t } = useTranslation();
  const open = (useUnfinishedDeeds().data ?? []).filter((deed) => deed.requestId === requestId);
  if (open.length === 0) return null;
  return <Alert type="info" showIcon title={t('issue.unfinished', { count: open.length })} action={<Link to="/unfinished">{t('issue.unfinishedLook')}</Link>} />;
}
