/** One key: picture, model, serial, holder, PIN state, both certificates with days left, and what can be done now. */
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { CertificateList } from '../../../components/certificate-list.tsx';
import { KeyPicture } from '../../../components/key-picture.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { Serial } from '../../../components/serial.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { certificatePairs, keyHolder, membersOf } from '../../../lib/key-certificates.ts';
import { keyName, modelOf } from '../../../lib/key-name.ts';
import { currentLanguage } from '../../../lib/language.ts';
import { pinSeriousness } from '../../../lib/pin-tries.ts';
import { useUkeyModels } from '../../../lib/queries.ts';
import { ChangePinDialog } from './change-pin-dialog.tsx';

export function KeyCard({ token }: { token: TokenSummary }) {
  const { t } = useTranslation();
  const models = useUkeyModels().data ?? [];
  const [changingPin, setChangingPin] = useState(false);
  const model = modelOf(token, models);
  const seriousness = pinSeriousness(token.pin);
  const pinUsable = seriousness !== 'locked' && seriousness !== 'unusable';
  const name = keyName(token, models, currentLanguage());

  return (
    <article className="bk-section bk-key-card" aria-label={t('keys.cardLabel', { model: name, serial: token.ref.serial })}>
      <div className="bk-key-card-head">
        <KeyPicture model={model} size="large" />
        <div>
          <h2>{name}{token.demo ? <ToneTag tone="demo">{t('common.demoKey')}</ToneTag> : null}</h2>
          <Serial value={token.ref.serial} large />
          <dl className="bk-facts">
            <div><dt>{t('keys.holder')}</dt><dd>{keyHolder(token) ?? t('common.noHolder')}</dd></div>
            <div><dt>{t('keys.label')}</dt><dd>{token.label}</dd></div>
            <div><dt>{t('keys.pin')}</dt><dd><PinStateText pin={token.pin} /></dd></div>
          </dl>
        </div>
      </div>
      {token.certificates.length === 0 ? <p className="bk-secondary">{t('keys.noCertificates')}</p> : null}
      {certificatePairs(token.certificates).map((pair) => <CertificateList key={pair.containerId} certificates={membersOf(pair)} />)}
      <div className="bk-actions">
        <Button disabled={!pinUsable} type={token.pin.mustChange ? 'primary' : 'default'} onClick={() => setChangingPin(true)}>{t('keys.changePin')}</Button>
        {seriousness === 'locked' ? (
          <>
            <Tooltip title={t('home.tiles.next')}><Button disabled>{t('keys.unlock')}</Button></Tooltip>
            <span className="bk-secondary">{t('keys.unlockNext')}</span>
          </>
        ) : null}
      </div>
      <ChangePinDialog open={changingPin} token={token} rules={model?.pinRules ?? null} onClose={() => setChangingPin(false)} />
    </article>
  );
}
