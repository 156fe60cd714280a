/** State of every driver on this computer: those that serve or fail stand open; those that are merely not installed are folded away. */
import { Collapse } from 'antd';
import { useTranslation } from 'react-i18next';
import type { DriverState } from '#shared/contract/desktop/tokens.ts';
import { DriverAdvice } from '../../../components/driver-advice.tsx';
import { Section } from '../../../components/page.tsx';
import { currentLanguage } from '../../../lib/language.ts';
import { modelName, modelVendor } from '../../../lib/model-name.ts';
import { useUkeyModels } from '../../../lib/queries.ts';

export function DriverTable({ drivers }: { drivers: readonly DriverState[] }) {
  const { t } = useTranslation();
  const present = drivers.filter((driver) => driver.status !== 'missing');
  const missing = drivers.filter((driver) => driver.status === 'missing');
  return (
    <Section title={t('drivers.title')}>
      {present.length === 0 ? <p className="bk-warn">{t('drivers.noneReady')}</p> : <DriverRows drivers={present} />}
      {missing.length > 0 ? <Collapse className="bk-fold" items={[{ key: 'missing', label: t('drivers.missing', { count: missing.length }), children: <DriverRows drivers={missing} /> }]} /> : null}
    </Section>
  );
}

function DriverRows({ drivers }: { drivers: readonly DriverState[] }) {
  const { t } = useTranslation();
  const models = useUkeyModels().data ?? [];
  const language = currentLanguage();
  return (
    <ul className="bk-drivers">
      {drivers.map((driver) => {
        const model = models.find((candidate) => candidate.id === driver.modelId);
        return (
          <li key={driver.driverId}>
            <div>
              <strong>{model ? modelName(model, language) : driver.modelId}</strong>
              {driver.libraryPath ? <code>{driver.libraryPath}</code> : null}
              {driver.restarts > 0 ? <span className="bk-warn">{t('drivers.restarts', { count: driver.restarts })}</span> : null}
            </div>
            <DriverAdvice driver={driver} vendor={model ? modelVendor(model, language) : driver.modelId} />
          </li>
        );
      })}
    </ul>
  );
}
