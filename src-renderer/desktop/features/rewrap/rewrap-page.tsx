/** 换加开标人: one more certificate for a bid that is sealed already. File, openers by groups, keys that open it, result; the file before stays as it is. */
import { Alert } from 'antd';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { SealedFileFacts } from '../../../components/sealed-file-facts.tsx';
import { WorkProgress } from '../../../components/work-progress.tsx';
import { useBidWork, useKeep } from '../../../lib/bid-queries.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useTokens } from '../../../lib/queries.ts';
import { BID_ENDINGS, useBidPath } from '../../../lib/use-bid-path.ts';
import { RewrapKeys } from './rewrap-keys.tsx';
import { RewrapOpeners, type Change } from './rewrap-openers.tsx';
import { RewrapResult } from './rewrap-result.tsx';

const NO_CHANGE: Change = { added: [], removed: new Set() };

export function RewrapPage() {
  const { t } = useTranslation();
  const keep = useKeep();
  const { path, setPath, error: pathError } = useBidPath();
  const [change, setChange] = useState(NO_CHANGE);
  const [workId, setWorkId] = useState<string | null>(null);
  const work = useBidWork(workId).data ?? null;
  const base = useRewrapBase(path.trim());
  const shown = base.data?.facts.path === path.trim() ? base.data : null;
  const done = work?.state === 'done' ? work.madePath : null;

  function choose(next: string) {
    setPath(next);
    setChange(NO_CHANGE);
    setWorkId(null);
  }
  const error = base.error ?? pathError;
  return (
    <Page title={t('rewrap.title')} lead={t('rewrap.lead')}>
      <Section number={1} title={t('rewrap.file')}>
        <PathField label={t('rewrap.fileLabel')} wanted="file" endings={BID_ENDINGS} value={path} onChange={choose} />
        {error ? <ErrorPanel error={error} /> : null}
        {shown && done === null ? <SealedFileFacts facts={shown.facts} /> : null}
        {shown?.rewrapsLeft === 0 ? <Alert type="error" showIcon title={t('rewrap.noneLeft')} /> : null}
        {shown?.ticketInvalid ? <Alert type="warning" showIcon title={t('rewrap.ticketInvalid')} /> : null}
      </Section>
      {shown && done === null && shown.rewrapsLeft > 0 ? (
        <>
          <RewrapOpeners base={shown} change={change} onChange={setChange} />
          <RewrapKeys key={shown.facts.path} base={shown} change={change} busy={work?.state === 'running'} onBegun={(begun) => { keep.work(begun); setWorkId(begun.id); }} />
        </>
      ) : null}
      {work && done === null ? <Section label={t('rewrap.title')}><WorkProgress work={work} /></Section> : null}
      {done !== null ? <RewrapResult path={done} before={path.trim()} sha256Hex={work?.output?.sha256Hex ?? null} added={change.added.map(({ facts }) => facts.subjectCommonName)} /> : null}
    </Page>
  );
}

/** Asked anew when keys come or go: which of them open the bid is part of the answer. */
function useRewrapBase(path: string) {
  const engine = useEngine();
  const plugged = (useTokens().data?.tokens ?? []).map(({ ref }) => ref.serial).sort().join();
  return useQuery({ queryKey: ['rewraps', 'base', path, plugged], queryFn: () => engine.call('rewraps.prepare', { path }), enabled: /\.bid$/i.test(path), staleTime: 0, gcTime: 0, placeholderData: keepPreviousData });
}
