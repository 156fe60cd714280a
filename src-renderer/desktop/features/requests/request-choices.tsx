/** The choices of one kind of request: years and price, kind of change with its materials, keys, reason, what becomes of the old key. */
import { Radio } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChangeKind, RequestKind } from '#shared/contract/rest/orders.ts';
import { REVOCATION_REASONS } from '#shared/contract/rest/requests.ts';
import { Section } from '../../../components/page.tsx';
import { currentLanguage } from '../../../lib/language.ts';
import { yuan } from '../../../lib/money.ts';
import { chosenItem, mayChooseKeys, type Choices, type Offer } from './draft-choices.ts';

interface RequestChoicesProps {
  readonly kind: RequestKind;
  readonly offer: Offer;
  readonly choices: Choices;
  readonly onChange: (choices: Choices) => void;
}

export function RequestChoices({ kind, offer, choices, onChange }: RequestChoicesProps) {
  const { t } = useTranslation();
  const { project, items } = offer;
  const change = (changed: Partial<Choices>) => onChange({ ...choices, ...changed });
  return (
    <>
      {kind === 'change' ? (
        <Choice title={t('requests.choose.changeKind')} value={choices.changeKindId} onChange={(changeKindId) => change({ changeKindId })}
          options={(project?.changeKinds ?? []).map((one) => ({ value: one.id, label: <ChangeKindText changeKind={one} /> }))} />
      ) : null}
      {items.length > 0 ? (
        <Choice title={kind === 'renewal' ? t('requests.choose.years') : t('requests.choose.price')} value={chosenItem(choices, offer)?.id ?? null} onChange={(itemId) => change({ itemId })}
          options={items.map((item) => ({ value: item.id, label: <>{item.serviceName}{item.years > 0 ? ` · ${t('pending.years', { count: item.years })}` : ''} · {item.unitPriceFen === 0 ? t('requests.free') : yuan(item.unitPriceFen)}</> }))} />
      ) : null}
      {mayChooseKeys(kind, project) ? (
        <Choice title={t('requests.choose.keys')} value={choices.keyPolicy} onChange={(keyPolicy) => change({ keyPolicy: keyPolicy as Choices['keyPolicy'] })}
          options={(['new-keys', 'same-keys'] as const).map((policy) => ({ value: policy, label: <>{t(`requests.keyPolicy.${policy}.title`)}<span className="bk-secondary"> {t(`requests.keyPolicy.${policy}.meaning`)}</span></> }))} />
      ) : null}
      {kind === 'revocation' || kind === 'reissue' ? (
        <Choice title={t('requests.choose.reason')} value={choices.revocationReason} onChange={(reason) => change({ revocationReason: reason as Choices['revocationReason'] })}
          options={REVOCATION_REASONS.map((reason) => ({ value: reason, label: t(`requests.reason.${reason}`) }))} />
      ) : null}
      {kind === 'reissue' ? (
        <Choice title={t('requests.choose.oldKey')} value={choices.oldKeyHandling} onChange={(handling) => change({ oldKeyHandling: handling as Choices['oldKeyHandling'] })}
          options={(['hold-until-new-works', 'revoke-at-once'] as const).map((handling) => ({ value: handling, label: <>{t(`requests.oldKey.${handling}.title`)}<span className="bk-secondary"> {t(`requests.oldKey.${handling}.meaning`)}</span></> }))} />
      ) : null}
    </>
  );
}

function Choice({ title, value, options, onChange }: { title: string; value: string | null; options: readonly { value: string; label: ReactNode }[]; onChange: (value: string) => void }) {
  return (
    <Section title={title}>
      <Radio.Group className="bk-choices" value={value} onChange={(event) => onChange(event.target.value as string)} aria-label={title}>
        {options.map((option) => <Radio key={option.value} value={option.value}>{option.label}</Radio>)}
      </Radio.Group>
    </Section>
  );
}

function ChangeKindText({ changeKind }: { changeKind: ChangeKind }) {
  const { t } = useTranslation();
  const zh = currentLanguage() === 'zh-CN';
  const hint = zh ? changeKind.hintZh : changeKind.hintEn;
  const materials = changeKind.materials.map((material) => `${zh ? material.nameZh : material.nameEn}${material.required ? '' : t('requests.materials.optional')}`);
  return (
    <>
      <strong>{zh ? changeKind.nameZh : changeKind.nameEn}</strong>
      <span className="bk-secondary bk-block">{t('requests.changeKind.days', { count: changeKind.durationDays })}{materials.length > 0 ? ` ${t('requests.changeKind.materials', { list: materials.join(t('common.listSeparator')) })}` : ''}</span>
      {hint === '' ? null : <span className="bk-warn bk-block">{hint}</span>}
    </>
  );
}
