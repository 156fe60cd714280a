/** Home: the four services as big tiles; below them my keys, unfinished writings, the bid tool, and what needs attention. */
import { FileProtectOutlined, HistoryOutlined, RightOutlined, UsbOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { KeyLine } from '../../../components/key-line.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { certificatePairs } from '../../../lib/key-certificates.ts';
import { useTokens, useUnfinishedDeeds } from '../../../lib/queries.ts';
import { FurtherServices } from './further-services.tsx';
import { HomeWarnings } from './home-warnings.tsx';
import { ServiceTiles } from './service-tiles.tsx';

export function HomePage() {
  const { t } = useTranslation();
  return (
    <div className="bk-page bk-home">
      <h1 className="bk-visually-hidden">{t('home.title')}</h1>
      <ServiceTiles />
      <FurtherServices />
      <HomeWarnings />
      <div className="bk-home-below">
        <MyKeys />
        <div className="bk-stack">
          <UnfinishedWork />
          <BidTool />
        </div>
      </div>
    </div>
  );
}

function MyKeys() {
  const { t } = useTranslation();
  const tokens = useTokens();
  const plugged = tokens.data?.tokens ?? [];
  return (
    <section className="bk-section" aria-labelledby="home-keys">
      <div className="bk-section-head">
        <h2 id="home-keys"><UsbOutlined aria-hidden="true" /> {t('home.keys.title')}</h2>
        <Link to="/keys">{t('home.keys.all')} <RightOutlined aria-hidden="true" /></Link>
      </div>
      {tokens.isPending ? <p className="bk-secondary">{t('home.keys.looking')}</p> : null}
      {tokens.isSuccess && plugged.length === 0 ? <p className="bk-secondary">{t('home.keys.none')}</p> : null}
      <ul className="bk-plain-list">
        {plugged.map((token) => {
          const newest = certificatePairs(token.certificates)[0];
          const shown = newest?.sign ?? newest?.encrypt;
          return (
            <li key={`${token.ref.driverId} ${token.ref.serial}`} className="bk-home-key">
              <KeyLine token={token} />
              <div className="bk-home-key-state">
                {shown ? <ValidityTag notBeforeUtc={shown.notBeforeUtc} notAfterUtc={shown.notAfterUtc} /> : <ToneTag tone="plain">{t('home.keys.empty')}</ToneTag>}
                <PinStateText pin={token.pin} named />
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function UnfinishedWork() {
  const { t } = useTranslation();
  const deeds = useUnfinishedDeeds().data ?? [];
  return (
    <section className="bk-section" aria-labelledby="home-unfinished">
      <div className="bk-section-head"><h2 id="home-unfinished"><HistoryOutlined aria-hidden="true" /> {t('home.unfinished.title')}</h2></div>
      {deeds.length === 0 ? (
        <p className="bk-secondary">{t('home.unfinished.none')}</p>
      ) : (
        <Link to="/unfinished" className="bk-strong-link">{t('home.unfinished.some', { count: deeds.length })} <RightOutlined aria-hidden="true" /></Link>
      )}
    </section>
  );
}

function BidTool() {
  const { t } = useTranslation();
  return (
    <section className="bk-section" aria-labelledby="home-bids">
      <div className="bk-section-head"><h2 id="home-bids"><FileProtectOutlined aria-hidden="true" /> {t('home.bids.title')}</h2><Link to="/bids">{t('home.bids.open')} <RightOutlined aria-hidden="true" /></Link></div>
      <p className="bk-secondary">{t('home.bids.meaning')}</p>
      <div className="bk-actions">
        <Link to="/rehearse" className="bk-button-link">{t('home.bids.rehearse')}</Link>
        <Link to="/opening" className="bk-button-link">{t('home.bids.opening')}</Link>
      </div>
    </section>
  );
}
