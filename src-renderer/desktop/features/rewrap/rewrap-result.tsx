/** What a re-wrap made: the new file and who opens it now; what the old one still is, and what has to be done with both. */
import { CheckCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { CopyButton } from '../../../components/copy-button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { SealedFileFacts } from '../../../components/sealed-file-facts.tsx';
import { useEngine } from '../../../lib/engine.tsx';

/** @param sha256Hex of the whole file, where the program knows it */
export function RewrapResult({ path, before, added, sha256Hex }: { path: string; before: string; added: readonly string[]; sha256Hex: string | null }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const made = useQuery({ queryKey: ['rewraps', 'made', path], queryFn: () => engine.call('sealed.inspect', { path }), staleTime: 0, gcTime: 0 });
  return (
    <Section label={t('rewrap.done')} title={<><span className="bk-ok" aria-hidden="true"><CheckCircleFilled /></span> {t('rewrap.done')}</>}>
      <dl className="bk-facts">
        <div><dt>{t('rewrap.newFile')}</dt><dd><code>{path}</code> <CopyButton text={path} label={t('bids.result.copyPath')} /></dd></div>
        {sha256Hex === null ? null : <div><dt>{t('bids.result.digest')}</dt><dd><code>{sha256Hex}</code> <CopyButton text={sha256Hex} label={t('common.copy')} /></dd></div>}
        <div><dt>{t('rewrap.oldFile')}</dt><dd><code>{before}</code></dd></div>
      </dl>
      {made.error ? <ErrorPanel error={made.error} /> : null}
      {made.data ? <SealedFileFacts facts={made.data} /> : null}
      <div className="bk-keep-safe">
        <strong>{t('rewrap.keepTitle')}</strong>
        <ul>
          <li>{t('rewrap.keepUpload')}</li>
          <li>{t('rewrap.keepOld')}</li>
          {added.length > 0 ? <li>{t('rewrap.keepKeys', { names: added.join(t('common.listSeparator')) })}</li> : null}
          <li>{t('rewrap.keepTicket')}</li>
          <li>{t('rewrap.keepLedger')}</li>
        </ul>
      </div>
      <div className="bk-actions">
        <Link to={`/rehearse?file=${encodeURIComponent(path)}`} className="bk-button-link bk-button-link-primary">{t('rewrap.rehearse')}</Link>
        <Link to="/ledger" className="bk-button-link">{t('bids.result.ledger')}</Link>
      </div>
    </Section>
  );
}
