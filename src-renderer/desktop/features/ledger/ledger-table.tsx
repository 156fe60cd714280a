/** The rows of the ledger; each opens to its openers, file and uploads. */
import { DownOutlined } from '@ant-design/icons';
import { App, Button, Dropdown, Table, type MenuProps, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { LedgerOpener, SealedBidState } from '#shared/contract/desktop/ledger.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { ToneTag, type Tone } from '../../../components/tone-tag.tsx';
import { beijingDate, beijingTime } from '../../../lib/beijing-time.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { forgetLedger, type LedgerRow } from '../../../lib/ledger-queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { EnterUpload } from './enter-upload.tsx';
import { useGenerationTitle } from './generation-title.ts';
import { generationsShown, openersByGroup, openingOf, uploadUnsaid, type ShownGeneration } from './ledger-row.ts';

const STATE_TONES: Record<SealedBidState, Tone> = { 'to-open': 'info', opened: 'ok', withdrawn: 'plain' };

export function LedgerTable({ rows }: { rows: LedgerRow[] }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const columns: TableColumnsType<LedgerRow> = [
    {
      title: t('ledger.columns.tender'), key: 'tender',
      render: (_, row) => (
        <div className="bk-wrap-cell">
          <strong>{row.tenderName}</strong>
          {row.lot === '' ? null : <div className="bk-secondary">{t('ledger.lot', { lot: row.lot })}</div>}
          <div className="bk-secondary">{row.bidderName}</div>
          {row.state === 'to-open' && row.tenderReplacedAtUtc !== undefined ? <ToneTag tone="warn">{t('tenderUpdate.older.tag')}</ToneTag> : null}
          {uploadUnsaid(row) ? <ToneTag tone="warn">{t('ledger.generation.unsaid', { count: generationsShown(row).length })}</ToneTag> : null}
        </div>
      ),
    },
    { title: t('ledger.columns.opening'), key: 'opening', render: (_, row) => <Opening row={row} /> },
    { title: t('ledger.columns.openers'), key: 'openers', render: (_, row) => <div className="bk-wrap-cell">{openersByGroup(row).map(({ group, labels }) => <div key={group}>{t('ledger.group', { group: groupTitle(group), labels: labels.join(t('common.listSeparator')) })}</div>)}</div> },
    { title: t('ledger.columns.rehearsal'), key: 'rehearsal', render: (_, row) => <LastRehearsal row={row} /> },
    { title: t('ledger.columns.state'), dataIndex: 'state', render: (state: SealedBidState) => <ToneTag tone={STATE_TONES[state]}>{t(`ledger.state.${state}`)}</ToneTag> },
    { title: t('ledger.columns.action'), key: 'action', fixed: 'right', render: (_, row) => <RowActions row={row} /> },
  ];
  return <Table<LedgerRow> rowKey="sealId" columns={columns} dataSource={rows} pagination={false} scroll={{ x: 'max-content' }} expandable={{ expandedRowRender: (row) => <Details row={row} /> }} />;
}

function Opening({ row }: { row: LedgerRow }) {
  const { t } = useTranslation();
  const opening = openingOf(row, Date.now());
  if (opening === null || row.openingTimeUtc === null) return <span className="bk-warn">{t('ledger.openingUnknown')}</span>;
  return (
    <span>
      <span className="bk-nowrap">{beijingTime(row.openingTimeUtc)}</span>
      {row.state === 'to-open' ? <div className={opening.passed ? 'bk-warn' : 'bk-secondary'}>{opening.passed ? t('ledger.openingPassed') : opening.days === 0 ? t('ledger.openingToday') : t('ledger.openingIn', { count: opening.days })}</div> : null}
      {row.state === 'to-open' && row.openedEarlyAtUtc !== undefined ? <div className="bk-secondary">{t('ledger.openedEarly')}</div> : null}
    </span>
  );
}

function LastRehearsal({ row }: { row: LedgerRow }) {
  const { t } = useTranslation();
  const last = row.rehearsals.at(-1);
  if (last === undefined) return <span className={row.state === 'to-open' ? 'bk-warn' : 'bk-secondary'}>{t('ledger.neverRehearsed')}</span>;
  const time = beijingTime(last.atUtc);
  return last.opened ? <span className="bk-ok">{t('ledger.rehearsed', { time })}</span> : <span className="bk-bad">{t('ledger.rehearsalFailed', { time })}</span>;
}

function RowActions({ row }: { row: LedgerRow }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const navigate = useNavigate();
  const setState = useAction(async (state: SealedBidState) => {
    await engine.call('ledger.setState', { sealId: row.sealId, state });
    forgetLedger(client);
  });
  const remove = useAction(async () => {
    await engine.call('ledger.remove', { sealId: row.sealId });
    forgetLedger(client);
  });
  const items: MenuProps['items'] = [
    ...(row.state === 'to-open' ? [{ key: 'upload', label: t('ledger.upload.title') }, { key: 'rewrap', label: t('rewrap.title') }, { key: 'opened', label: t('ledger.markOpened') }, { key: 'withdrawn', label: t('ledger.markWithdrawn') }] : [{ key: 'to-open', label: t('ledger.markToOpen') }, { key: 'remove', danger: true, label: t('ledger.remove') }]),
  ];
  const onClick: MenuProps['onClick'] = ({ key }) => {
    if (key === 'remove') void modal.confirm({ title: t('ledger.removeAsk'), content: t('ledger.removeMeaning'), okText: t('ledger.remove'), cancelText: t('common.cancel'), onOk: () => remove.run() });
    else if (key === 'upload') setUploading(true);
    else if (key === 'rewrap') void navigate(`/rewrap?seal=${encodeURIComponent(row.sealId)}`);
    else void setState.run(key as SealedBidState);
  };
  const [uploading, setUploading] = useState(false);
  const error = setState.error ?? remove.error;
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items, onClick }}>
        <Button aria-haspopup="menu" aria-label={t('ledger.actionsFor', { tender: row.tenderName })} loading={setState.running || remove.running}>{t('ledger.more')} <DownOutlined aria-hidden="true" /></Button>
      </Dropdown>
      {uploading ? <EnterUpload row={row} onClose={() => setUploading(false)} /> : null}
      {error ? <ErrorPanel error={error} /> : null}
    </>
  );
}

function Details({ row }: { row: LedgerRow }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  const generationTitle = useGenerationTitle();
  const generations = generationsShown(row);
  const openersText = (openers: readonly LedgerOpener[]) => openers.map((opener) => t('ledger.details.opener', { label: opener.label, date: beijingDate(opener.notAfterUtc) })).join('\n');
  const facts: readonly (readonly [string, string])[] = [
    ...(generations.length === 1 ? [[t('ledger.details.file'), row.file ?? t('ledger.details.fileUnknown')] as const] : []),
    [t('ledger.details.sealedAt'), beijingTime(row.sealedAtUtc)],
    [t('ledger.details.bidder'), row.bidderName],
    [t('ledger.details.tenderId'), row.tenderId],
    [t('ledger.details.bidId'), row.bidId],
    [t('ledger.details.sealId'), row.sealId],
    ...(row.openedEarlyAtUtc === undefined ? [] : [[t('ledger.details.openedEarly'), t('ledger.details.openedEarlyAt', { time: beijingTime(row.openedEarlyAtUtc) })] as const]),
    ...(generations.length === 1 ? openersByGroup(row).map(({ group, openers }) => [groupTitle(group), openersText(openers)] as const) : generations.map((one) => [generationTitle(one), generationText(one)] as const)),
    [t('ledger.details.uploads'), uploads()],
  ];
  return (
    <dl className="bk-facts">
      {row.tenderReplacedAtUtc === undefined ? null : <div className="bk-warn"><dt>{t('tenderUpdate.older.tag')}</dt><dd>{t('tenderUpdate.older.ledger', { time: beijingTime(row.tenderReplacedAtUtc) })}</dd></div>}
      {facts.filter(([, value]) => value !== '').map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );

  function generationText(one: ShownGeneration): string {
    const state = one.uploadedTo.length > 0 ? t('ledger.generation.uploadedTo', { platforms: one.uploadedTo.join(t('common.listSeparator')) }) : t(one.counts ? 'ledger.generation.mayBe' : 'ledger.generation.notUploaded');
    return [one.file ?? t('ledger.details.fileUnknown'), state, ...openersByGroup(one).map(({ group, openers }) => t('ledger.group', { group: groupTitle(group), labels: openersText(openers).replaceAll('\n', t('common.listSeparator')) }))].join('\n');
  }

  function uploads(): string {
    if (row.uploads.length === 0) return t('ledger.details.notUploaded');
    return row.uploads
      .map(({ atUtc, platform, receipt }) => (receipt === null ? t('ledger.details.uploadedWithoutReceipt', { time: beijingTime(atUtc), platform }) : t('ledger.details.uploaded', { time: beijingTime(atUtc), platform, receipt })))
      .join('\n');
  }
}
