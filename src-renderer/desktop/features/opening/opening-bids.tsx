/** The bids of a session: who, until when it was shut, which groups have answered, how far it is, what went wrong. */
import { Progress, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Opening, OpeningBid } from '#shared/contract/desktop/openings.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { useErrorText } from '../../../lib/error-text.ts';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { sizeText } from '../../../lib/sizes.ts';

const TONES = { waiting: 'plain', share: 'info', opening: 'notice', opened: 'ok', refused: 'bad' } as const;
const PAGE_SIZE = 50;

export function OpeningBids({ opening }: { opening: Opening }) {
  const { t } = useTranslation();
  return (
    <Table<OpeningBid>
      // Two files may have stood under one name, the first opened, then the second.
      rowKey={({ path, sealIdHex, rootHex }) => [path, sealIdHex, rootHex].join('\n')}
      size="middle"
      dataSource={opening.state === 'running' ? opening.bids : troubledFirst(opening.bids)}
      pagination={opening.bids.length > PAGE_SIZE ? { pageSize: PAGE_SIZE, showSizeChanger: false } : false}
      scroll={{ x: 'max-content' }}
      columns={[
        { key: 'bid', title: t('opening.columns.bid'), render: (_, bid) => <Bid bid={bid} /> },
        { key: 'opens', title: t('opening.columns.opens'), render: (_, bid) => <span className="bk-nowrap">{bid.opensAtUtc === null ? '' : beijingTime(bid.opensAtUtc)}</span> },
        { key: 'groups', title: t('opening.columns.groups'), render: (_, bid) => <Groups bid={bid} /> },
        { key: 'state', title: t('opening.columns.state'), render: (_, bid) => <State bid={bid} /> },
      ]}
    />
  );
}

/** Among hundreds nobody pages through to the one that did not open. While a run goes on nothing changes its place. */
const troubledFirst = (bids: readonly OpeningBid[]): OpeningBid[] => [...bids].sort((a, b) => Number(b.error !== null) - Number(a.error !== null));

function Bid({ bid }: { bid: OpeningBid }) {
  return (
    <div className="bk-opening-bid">
      <strong>{bid.bidder?.subjectCommonName ?? bid.name}</strong>
      <span className="bk-secondary">{[bid.bidder ? bid.name : '', bid.lot, sizeText(bid.sizeBytes), bid.sealIdHex?.slice(0, 8) ?? ''].filter((text) => text !== '').join(' · ')}</span>
      {bid.outFolder === null ? null : <span className="bk-secondary">→ {bid.outFolder}</span>}
    </div>
  );
}

function Groups({ bid }: { bid: OpeningBid }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  return (
    <div className="bk-opening-groups">
      {bid.groups.map(({ name, openers, answered }) => (
        <div key={name}>
          <ToneTag tone={answered ? 'ok' : 'plain'}>{groupTitle(name)}</ToneTag>{' '}
          <span className="bk-secondary">{answered ? t(`opening.via.${answered.via}`, { label: answered.label }) : openers.map(({ label }) => label).join(t('common.listSeparator'))}</span>
        </div>
      ))}
    </div>
  );
}

function State({ bid }: { bid: OpeningBid }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const code = bid.error?.code;
  return (
    <div className="bk-opening-state" data-state={bid.state}>
      <ToneTag tone={TONES[bid.state]}>{t(`opening.bidState.${bid.state}`)}</ToneTag>
      {bid.state === 'opening' && bid.totalBytes > 0 ? <Progress percent={Math.floor((bid.doneBytes / bid.totalBytes) * 100)} size="small" aria-label={bid.name} /> : null}
      {bid.state === 'opened' && bid.openedAtUtc ? <span className="bk-secondary bk-nowrap">{beijingTime(bid.openedAtUtc)} · {t('opening.documents', { count: bid.documents.length })}</span> : null}
      {isErrorCode(code) ? <span className="bk-bad">{errorText(code).title} <code>{code}</code></span> : null}
      {isErrorCode(code) && bid.state !== 'refused' ? <span className="bk-secondary">{errorText(code).cause} {errorText(code).next}</span> : null}
    </div>
  );
}
