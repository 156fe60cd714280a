/** Which key is meant: picture, model, serial, holder. The same everywhere, so that a wrong key is noticed. */
import { useTranslation } from 'react-i18next';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { keyHolder } from '../lib/key-certificates.ts';
import { keyName, modelOf } from '../lib/key-name.ts';
import { currentLanguage } from '../lib/language.ts';
import { useUkeyModels } from '../lib/queries.ts';
import { KeyPicture } from './key-picture.tsx';
import { Serial } from './serial.tsx';
import { ToneTag } from './tone-tag.tsx';

export function KeyLine({ token, large = false }: { token: TokenSummary; large?: boolean }) {
  const { t } = useTranslation();
  const models = useUkeyModels().data ?? [];
  return (
    <div className="bk-key-line">
      <KeyPicture model={modelOf(token, models)} size={large ? 'medium' : 'small'} />
      <div>
        <div className="bk-key-line-name">
          {keyName(token, models, currentLanguage())}
          {token.label === '' ? null : <span className="bk-key-label">{token.label}</span>}
          {token.demo ? <ToneTag tone="demo">{t('common.demoKey')}</ToneTag> : null}
        </div>
        <Serial value={token.ref.serial} large={large} />
        <div className="bk-secondary">{t('common.holder', { holder: keyHolder(token) ?? t('common.noHolder') })}</div>
      </div>
    </div>
  );
}
