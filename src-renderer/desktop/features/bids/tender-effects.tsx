/** What a newer tender package does to the bid: what is set aside, filled in, signed and sealed anew. Before it is taken over a forecast, afterwards the list of what is to be done. */
import { useTranslation } from 'react-i18next';
import type { TenderEffects as Effects } from '#shared/contract/desktop/tender-updates.ts';

export function TenderEffects({ effects }: { effects: Effects }) {
  const lines = useEffectLines(effects);
  const { t } = useTranslation();
  if (lines.length === 0) return <p>{t('tenderUpdate.noEffect')}</p>;
  return <ul className="bk-effects">{lines.map(({ key, text }) => <li key={key}>{text}</li>)}</ul>;
}

function useEffectLines(effects: Effects): { readonly key: string; readonly text: string }[] {
  const { t } = useTranslation();
  const names = (list: readonly string[]) => list.join(t('common.listSeparator'));
  const inParts = (list: readonly { name: string; partTitle: string }[]) => names(list.map(({ name, partTitle }) => `${partTitle} / ${name}`));
  const { lotLost, setAside, broughtBack, notTaken, valuesSetAside, formsToFill, toSign, openersDropped, sealedForOlder } = effects;
  const line = (key: string, count: number, text: () => string) => (count === 0 ? [] : [{ key, text: text() }]);
  return [
    ...line('sealed', sealedForOlder, () => t('tenderUpdate.effect.sealed', { count: sealedForOlder })),
    ...line('lot', lotLost === null ? 0 : 1, () => t('tenderUpdate.effect.lotLost', { lot: lotLost ?? '' })),
    ...line('setAside', setAside.length, () => t('tenderUpdate.effect.setAside', { count: setAside.length, names: inParts(setAside) })),
    ...line('broughtBack', broughtBack.length, () => t('tenderUpdate.effect.broughtBack', { count: broughtBack.length, names: inParts(broughtBack) })),
    ...line('notTaken', notTaken.length, () => t('tenderUpdate.effect.notTaken', { count: notTaken.length, names: names(notTaken.map(({ name, reason }) => t(`tenderUpdate.effect.reason.${reason}`, { name }))) })),
    ...line('values', valuesSetAside.length, () => t('tenderUpdate.effect.values', { count: valuesSetAside.length, names: names(valuesSetAside.map(({ partTitle, fieldTitle }) => `${partTitle} / ${fieldTitle}`)) })),
    ...line('forms', formsToFill.length, () => t('tenderUpdate.effect.forms', { names: names(formsToFill) })),
    ...line('toSign', toSign.length, () => t('tenderUpdate.effect.toSign', { count: toSign.length, names: inParts(toSign) })),
    ...line('openers', openersDropped.length, () => t('tenderUpdate.effect.openersDropped', { names: names(openersDropped.map(({ subjectCommonName }) => subjectCommonName)) })),
  ];
}
