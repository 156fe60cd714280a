/** What a sealed file says of itself without any key: which bid, when it opens, which certificates open it, and which of those are plugged in. */
import { useTranslation } from 'react-i18next';
import type { SealedFacts } from '#shared/contract/desktop/bids.ts';
import { beijingDate, beijingTime } from '../lib/beijing-time.ts';
import { groupSerialHex } from '../lib/group-serial.ts';
import { useGroupTitle } from '../lib/group-title.ts';
import { sizeText } from '../lib/sizes.ts';
import { ToneTag } from './tone-tag.tsx';

export function SealedFileFacts({ facts }: { facts: SealedFacts }) {
  const { t } = useTranslation();
  const groupTitle = useGroupTitle();
  return (
    <dl className="bk-facts">
      <div><dt>{t('sealed.kind')}</dt><dd>{t(`sealed.kinds.${facts.kind}`)} · {t(`bids.suite.${facts.suite}`)} · {sizeText(facts.sizeBytes)}</dd></div>
      <div><dt>{t('bids.result.sealId')}</dt><dd><code>{groupSerialHex(facts.sealIdHex)}</code></dd></div>
      <div><dt>{t('sealed.tender')}</dt><dd>{[facts.tenderId, facts.lot, facts.bidId].filter((text) => text !== '').join(' · ')}</dd></div>
      <div><dt>{t('bids.result.sealedAt')}</dt><dd>{beijingTime(facts.sealedAtUtc)}</dd></div>
      <div><dt>{t('bids.info.opensAt')}</dt><dd>{facts.opensAtUtc === null ? t('bids.list.noTime') : beijingTime(facts.opensAtUtc)}</dd></div>
      {facts.groups.map(({ name, openers }) => (
        <div key={name}>
          <dt>{groupTitle(name)}</dt>
          <dd>
            {openers.map((opener) => (
              <div key={opener.fingerprintHex}>
                {opener.label} <span className="bk-secondary">{t('certificate.until', { date: beijingDate(opener.notAfterUtc) })} · {groupSerialHex(opener.serialHex)}</span>
                {opener.pluggedSerial === null ? null : <ToneTag tone="ok">{t('sealed.plugged')}</ToneTag>}
              </div>
            ))}
          </dd>
        </div>
      ))}
      {facts.rewraps > 0 ? <div><dt>{t('sealed.rewraps')}</dt><dd>{facts.rewraps}</dd></div> : null}
    </dl>
  );
}
