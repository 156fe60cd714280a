/** Choose the UKey model by its picture. Models without a driver can be chosen too: the next step then teaches what is missing. */
import { useTranslation } from 'react-i18next';
import type { TokenList, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import { KeyPicture } from '../../../components/key-picture.tsx';
import { currentLanguage } from '../../../lib/language.ts';
import { modelName } from '../../../lib/model-name.ts';

interface ChooseModelProps {
  readonly models: readonly UkeyModel[];
  readonly list: TokenList;
  readonly value: string | null;
  readonly onChange: (modelId: string) => void;
}

export function ChooseModel({ models, list, value, onChange }: ChooseModelProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="bk-models">
      <legend className="bk-visually-hidden">{t('issue.model.title')}</legend>
      {nearestFirst(models, list).map((model) => (
        <label key={model.id} className={model.id === value ? 'bk-model bk-model-chosen' : 'bk-model'}>
          <input type="radio" name="ukey-model" value={model.id} checked={model.id === value} onChange={() => onChange(model.id)} />
          <KeyPicture model={model} size="large" />
          <span className="bk-model-name">{modelName(model, currentLanguage())}</span>
          <ModelState model={model} list={list} />
        </label>
      ))}
    </fieldset>
  );
}

/** Models that this computer can read come first. Drivers do not come and go with keys, so the pictures stay where they are while one is plugged in. */
function nearestFirst(models: readonly UkeyModel[], list: TokenList): UkeyModel[] {
  const present = new Set(list.drivers.filter((driver) => driver.status !== 'missing').map((driver) => driver.modelId));
  return [...models].sort((a, b) => Number(present.has(b.id)) - Number(present.has(a.id)));
}

function ModelState({ model, list }: { model: UkeyModel; list: TokenList }) {
  const { t } = useTranslation();
  const plugged = list.tokens.filter((token) => token.modelId === model.id).length;
  if (plugged > 0) return <span className="bk-model-state bk-ok">{t('issue.model.plugged', { count: plugged })}</span>;
  const drivers = list.drivers.filter((driver) => driver.modelId === model.id);
  if (drivers.some((driver) => driver.status === 'ready')) return <span className="bk-model-state">{t('issue.model.driverReady')}</span>;
  if (drivers.some((driver) => driver.status === 'failed')) return <span className="bk-model-state bk-bad">{t('issue.model.driverFailed')}</span>;
  if (drivers.some((driver) => driver.status === 'starting')) return <span className="bk-model-state">{t('drivers.starting')}</span>;
  return <span className="bk-model-state bk-warn">{t('issue.model.driverMissing')}</span>;
}
