/** The key of the chosen model: its serial is read by itself; several plugged → the person says which; none → what to do. */
import { ReloadOutlined, UsbOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenList, TokenRef, TokenSummary, UkeyModel } from '#shared/contract/desktop/tokens.ts';
import { DriverAdvice } from '../../../components/driver-advice.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLine } from '../../../components/key-line.tsx';
import { PinStateText } from '../../../components/pin-state-text.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { sameKey } from '../../../lib/key-name.ts';
import { currentLanguage } from '../../../lib/language.ts';
import { modelName, modelVendor } from '../../../lib/model-name.ts';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

interface ChooseKeyProps {
  readonly model: UkeyModel;
  readonly models: readonly UkeyModel[];
  readonly list: TokenList;
  /** Keys that were finished on this page; not offered again. */
  readonly written: readonly TokenRef[];
  readonly value: TokenSummary | null;
  readonly onChange: (key: TokenRef) => void;
  readonly onModel: (modelId: string) => void;
}

export function ChooseKey({ model, models, list, written, value, onChange, onModel }: ChooseKeyProps) {
  const { t } = useTranslation();
  const ofModel = list.tokens.filter((token) => token.modelId === model.id);
  const open = ofModel.filter((token) => !written.some((done) => sameKey(done, token.ref)));
  const finished = ofModel.filter((token) => !open.includes(token));
  return (
    <div aria-live="polite" className="bk-stack">
      {finished.length > 0 ? <p className="bk-notice">{t('issue.key.pullFinished')}</p> : null}
      {open.length === 0 ? <NoKey model={model} models={models} list={list} onModel={onModel} /> : null}
      {open.length === 1 && value ? <ChosenKey token={value} /> : null}
      {open.length > 1 ? (
        <fieldset className="bk-key-choices">
          <legend>{t('issue.key.several', { count: open.length })}</legend>
          {open.map((token) => {
            const chosen = value !== null && sameKey(value.ref, token.ref);
            return (
              <label key={`${token.ref.driverId} ${token.ref.serial}`} className={chosen ? 'bk-key-choice bk-key-choice-chosen' : 'bk-key-choice'}>
                <input type="radio" name="ukey" checked={chosen} onChange={() => onChange(token.ref)} />
                <ChosenKey token={token} />
              </label>
            );
          })}
        </fieldset>
      ) : null}
    </div>
  );
}

function ChosenKey({ token }: { token: TokenSummary }) {
  return (
    <div className="bk-chosen-key">
      <KeyLine token={token} large />
      <PinStateText pin={token.pin} named />
    </div>
  );
}

function NoKey({ model, models, list, onModel }: Pick<ChooseKeyProps, 'model' | 'models' | 'list' | 'onModel'>) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const rescan = useAction(async () => client.setQueryData(QUERY_KEYS.tokens, await engine.call('tokens.rescan', undefined)));
  const drivers = list.drivers.filter((driver) => driver.modelId === model.id);
  const ready = drivers.some((driver) => driver.status === 'ready');
  const language = currentLanguage();
  const otherModels = models.filter((other) => other.id !== model.id && list.tokens.some((token) => token.modelId === other.id));
  const advice = ready ? [] : drivers.map((driver) => <DriverAdvice key={driver.driverId} driver={driver} vendor={modelVendor(model, language)} />);
  const withoutDriver = drivers.length === 0 ? [t('drivers.whereFrom', { vendor: modelVendor(model, language) })] : [];
  return (
    <EmptyState
      icon={<UsbOutlined />}
      title={ready ? t('issue.key.plugIn', { model: modelName(model, language) }) : t('issue.key.noDriver', { model: modelName(model, language) })}
      hints={ready ? [t('issue.key.hintNotice'), t('issue.key.hintOtherPort'), t('issue.key.hintOtherProgram')] : [...advice, ...withoutDriver, <Link key="settings" to="/settings">{t('issue.key.ownLibrary')}</Link>]}
    >
      {otherModels.map((other) => <Button key={other.id} onClick={() => onModel(other.id)}>{t('issue.key.switchModel', { model: modelName(other, language) })}</Button>)}
      <Button icon={<ReloadOutlined />} loading={rescan.running} onClick={() => void rescan.run()}>{t('drivers.rescan')}</Button>
      {rescan.error ? <ErrorPanel error={rescan.error} /> : null}
    </EmptyState>
  );
}
