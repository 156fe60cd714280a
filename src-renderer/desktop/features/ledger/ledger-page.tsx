/** 标书台账: sealed bids by state, with opening time, openers and rehearsals; entering, exporting, and saying what became of each. */
import { AuditOutlined, DownloadOutlined, FileAddOutlined } from '@ant-design/icons';
import { Alert, App, Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { SealedBidState } from '#shared/contract/desktop/ledger.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { Pager } from '../../../components/pager.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { forgetLedger, useLedgerPage, useLedgerReminders } from '../../../lib/ledger-queries.ts';
import { saveText } from '../../../lib/save-text.ts';
import { useAction } from '../../../lib/use-action.ts';
import { EnterSealedFile } from './enter-sealed-file.tsx';
import { LedgerTable } from './ledger-table.tsx';
import { ReadLedgerIn } from './read-ledger-in.tsx';

const STATES = ['all', 'to-open', 'opened', 'withdrawn'] as const;

export function LedgerPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<(typeof STATES)[number]>('to-open');
  // Cursors of the pages before this one; the last is where this page begins.
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [entering, setEntering] = useState(false);
  const list = useLedgerPage(state === 'all' ? null : state, cursors.at(-1) ?? null);
  const next = list.data?.next ?? null;
  const report = useImportReport();

  function show(wanted: (typeof STATES)[number]) {
    setState(wanted);
    setCursors([]);
  }

  return (
    <Page title={t('ledger.title')} lead={t('ledger.lead')} actions={<><ReadLedgerIn onDone={report} /><ExportButton /><Button type="primary" icon={<FileAddOutlined />} onClick={() => setEntering(true)}>{t('ledger.import.open')}</Button></>}>
      <DueReminders />
      <Section label={t('ledger.title')}>
        <Segmented aria-label={t('ledger.filter')} value={state} onChange={show} options={STATES.map((value) => ({ value, label: t(`ledger.state.${value}`) }))} />
        {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
        {list.isPending ? <Loading /> : null}
        {list.data?.items.length === 0 && cursors.length === 0 ? <NoBids state={state === 'all' ? null : state} /> : null}
        {list.data && list.data.items.length > 0 ? <LedgerTable rows={list.data.items} /> : null}
        <Pager label={t('ledger.pages')} cursors={cursors} next={next} onCursors={setCursors} />
      </Section>
      <EnterSealedFile open={entering} onClose={() => setEntering(false)} onDone={report} />
    </Page>
  );
}

function NoBids({ state }: { state: SealedBidState | null }) {
  const { t } = useTranslation();
  return <EmptyState icon={<AuditOutlined />} title={state === null ? t('ledger.none') : t('ledger.noneOfState')} hints={[t('ledger.hintSealed'), t('ledger.hintImport')]} />;
}

function DueReminders() {
  const { t } = useTranslation();
  const due = (useLedgerReminders().data ?? []).filter((reminder) => reminder.state === 'due');
  return due.map((reminder) => <Alert key={`${reminder.sealId} ${reminder.kind}`} type="warning" showIcon title={t(`ledger.reminder.${reminder.kind}`, { tender: reminder.tenderName, time: beijingTime(reminder.openingTimeUtc) })} />);
}

function ExportButton() {
  const { t } = useTranslation();
  const engine = useEngine();
  const save = useAction(async () => {
    const { fileName, text } = await engine.call('ledger.export', undefined);
    saveText(fileName, text, 'application/json');
  });
  return (
    <>
      <Button icon={<DownloadOutlined />} loading={save.running} onClick={() => void save.run()}>{t('ledger.export')}</Button>
      {save.error ? <ErrorPanel error={save.error} /> : null}
    </>
  );
}

/** Says what an import did, and has the lists asked for anew. */
function useImportReport(): (done: { added: readonly string[]; changed: readonly string[]; unchanged: readonly string[] }) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  return (done) => {
    void message.success(t('ledger.import.done', { added: done.added.length, changed: done.changed.length, unchanged: done.unchanged.length }));
    forgetLedger(client);
  };
}
