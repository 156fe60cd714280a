/** One key: picture, model, serial, holder, PIN state, both certificates with days left, and what can be done now. */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { KeyPicture } from '../../../components/key-picture.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { Serial } from '../../../components/serial.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { keyHolder } from '../../../lib/key-certificates.ts';
import { keyName, modelOf } from '../../../lib/key-name.ts';
import { currentLanguage } from '../../../lib/language.ts';
import { pinSeriousness } from '../../../lib/pin-tries.ts';
import { useUkeyModels } from '../../../lib/queries.ts';
import { ChangePinDialog } from './change-pin-dialog.tsx';
import { DefaultPinNotice } from './default-pin-notice.tsx';
import { KeyPairs } from './key-pairs.tsx';
import { RenameKeyDialog } from './rename-key-dialog.tsx';

export function KeyCard({ token }: { token: TokenSummary }) {
  const { t } = useTranslation();
  const models = useUkeyModels().data ?? [];
  const [changingPin, setChangingPin] = useState(false);
  const [renaming, setRenaming] = useState(false);
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
      <DefaultPinNotice token={token} onChange={() => setChangingPin(true)} />
      {token.certificates.length === 0 ? null : <KeyPairs token={token} />}
      <div className="bk-actions">
        <Button disabled={!pinUsable} type={token.pin.mustChange ? 'primary' : 'default'} onClick={() => setChangingPin(true)}>{t('keys.changePin')}</Button>
        {seriousness === 'locked' ? (
          <Link to="/service/unlock" className="bk-button-link bk-button-link-primary">{t('keys.unlock')}</Link>
        ) : <Link to="/service/renewal" className="bk-button-link">{t('keyCard.service')}</Link>}
        {token.canRename === true && pinUsable ? <Button onClick={() => setRenaming(true)}>{t('keyCard.rename')}</Button> : null}
      </div>
      {renaming ? <RenameKeyDialog token={token} onClose={() => setRenaming(false)} /> : null}
      <ChangePinDialog open={changingPin} token={token} rules={model?.pinRules ?? null} onClose={() => setChangingPin(false)} />
    </article>
  );
}
