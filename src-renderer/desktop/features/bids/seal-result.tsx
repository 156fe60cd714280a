/** What a sealing made: number, size, digest, files; and what has to be kept safe until the opening. */
import { CheckCircleFilled } from '@ant-design/icons';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { SealedOutput } from '#shared/contract/desktop/bids.ts';
import { CopyButton } from '../../../components/copy-button.tsx';
import { Section } from '../../../components/page.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { groupSerialHex } from '../../../lib/group-serial.ts';
import { sizeText } from '../../../lib/sizes.ts';

export function SealResult({ output, fresh, older = false }: { output: SealedOutput; fresh: boolean; older?: boolean }) {
  const { t } = useTranslation();
  const own = output.openers.filter(({ group }) => group === 'bidder').map(({ facts }) => facts.subjectCommonName);
  return (
    <Section label={t('bids.result.label', { id: output.sealIdHex.slice(0, 8) })} title={fresh ? <><span className="bk-ok" aria-hidden="true"><CheckCircleFilled /></span> {t('bids.result.title')}</> : t('bids.result.earlier', { time: beijingTime(output.sealedAtUtc) })}>
      {older ? <Alert type="warning" showIcon title={t('tenderUpdate.older.result')} /> : null}
      <dl className="bk-facts">
        <div><dt>{t('bids.result.sealId')}</dt><dd><code className="bk-mono">{groupSerialHex(output.sealIdHex)}</code></dd></div>
        <div><dt>{t('bids.result.sealedAt')}</dt><dd>{beijingTime(output.sealedAtUtc)}</dd></div>
        <div><dt>{t('bids.result.file')}</dt><dd><code>{output.path}</code> <CopyButton text={output.path} label={t('bids.result.copyPath')} /></dd></div>
        <div><dt>{t('bids.result.size')}</dt><dd>{sizeText(output.sizeBytes)} · {t('bids.result.documents', { count: output.documents })}</dd></div>
        <div><dt>{t('bids.result.digest')}</dt><dd><code>{output.sha256Hex}</code> <CopyButton text={output.sha256Hex} label={t('common.copy')} /></dd></div>
        {output.backupPath === null ? null : <div><dt>{t('bids.result.backup')}</dt><dd><code>{output.backupPath}</code></dd></div>}
        {output.ticketPath === null ? null : <div><dt>{t('bids.result.ticket')}</dt><dd><code>{output.ticketPath}</code></dd></div>}
      </dl>
      {fresh ? (
        <div className="bk-keep-safe">
          <strong>{t('bids.result.keepTitle')}</strong>
          <ul>
            <li>{t('bids.result.keepKeys', { names: own.join(t('common.listSeparator')) })}</li>
            <li>{t('bids.result.keepFile')}</li>
            {output.backupPath === null ? null : <li>{t('bids.result.keepBackup')}</li>}
            {output.ticketPath === null ? null : <li>{t('bids.result.keepTicket')}</li>}
            <li>{t('bids.result.keepLedger')}</li>
          </ul>
        </div>
      ) : null}
      <div className="bk-actions">
        <Link to={`/rehearse?file=${encodeURIComponent(output.path)}`} className={fresh ? 'bk-button-link bk-button-link-primary' : 'bk-button-link'}>{t('bids.result.rehearse')}</Link>
        <Link to={`/rewrap?file=${encodeURIComponent(output.path)}`} className="bk-button-link">{t('rewrap.title')}</Link>
        <Link to="/ledger" className="bk-button-link">{t('bids.result.ledger')}</Link>
      </div>
    </Section>
  );
}
