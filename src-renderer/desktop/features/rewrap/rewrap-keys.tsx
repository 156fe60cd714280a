/** Where the new file goes, which keys open the old one, and the PINs: one after the other, each for this one deed. The first key signs. */
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BidWork } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { RewrapBase } from '#shared/contract/desktop/rewraps.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { useGroupTitle } from '../../../lib/group-title.ts';
import { useAction } from '../../../lib/use-action.ts';
import { groupsToOpen, type GroupToOpen } from './groups-to-open.ts';
import { useOpenerChecks, type Change } from './rewrap-openers.tsx';

type KeysWithPins = DesktopInput<'rewraps.begin'>['keys'];

interface RewrapKeysProps {
  readonly base: RewrapBase;
  readonly change: Change;
  readonly busy: boolean;
  readonly onBegun: (work: BidWork) => void;
}

export function RewrapKeys({ base, change, busy, onBegun }: RewrapKeysProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const groupTitle = useGroupTitle();
  const { facts } = base;
  const [folder, setFolder] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Readonly<Record<string, TokenSummary | null>>>({});
  // Keys whose PIN was typed already; null: nobody is asked. Let go with the last PIN, or with a refusal.
  const [given, setGiven] = useState<KeysWithPins | null>(null);
  const checks = useOpenerChecks(facts.path, change.added);
  const [, homeFolder = '', separator = '/', name = ''] = /^(.*)([\\/])([^\\/]*)$/.exec(base.outPath) ?? [];
  const groups = groupsToOpen(facts.groups, base.ticketGroup, changedGroups(base, change));
  const needed = groups.filter(({ by }) => by === 'key');
  const tokens = needed.flatMap((group) => chosen[group.name] ?? []).filter((one, i, all) => all.findIndex(({ ref }) => ref.serial === one.ref.serial) === i);
  const asked = given === null ? null : (tokens[given.length] ?? null);

  const begin = useAction(async (keys: KeysWithPins) => {
    const add = change.added.map(({ group, certificateDer, source }) => ({ group, certificateDer, source }));
    const outPath = folder === null ? base.outPath : `${folder.trim().replace(/[\\/]+$/, '')}${separator}${name}`;
    try {
      onBegun(await engine.call('rewraps.begin', { path: facts.path, outPath, add, remove: [...change.removed], keys }));
      setGiven(null);
    } catch (thrown) {
      // The key that refused is asked again; PINs for it and for those after it are let go.
      const at = keys.findIndex(({ token }) => token.serial === toAppError(thrown).details['serial']);
      setGiven(at < 0 ? null : keys.slice(0, at));
      throw thrown;
    }
  });

  async function take({ pin, confirmedFewTries }: PinAnswer) {
    if (asked === null || given === null) return;
    const keys = [...given, { token: asked.ref, pin, confirmedFewTries }];
    if (keys.length === tokens.length) {
      await begin.run(keys);
      return;
    }
    begin.clear();
    setGiven(keys);
  }
  const problem = whatIsMissing();
  return (
    <Section number={3} title={t('rewrap.keys')}>
      <PathField label={t('rewrap.folder')} wanted="folder" value={folder ?? homeFolder} hint={t('rewrap.nameHint', { name })} onChange={setFolder} />
      {groups.map((group) => <GroupKey key={group.name} group={group} signs={group.name === needed[0]?.name} title={groupTitle(group.name)} ticketTitle={groupTitle(base.ticketGroup ?? '')} value={chosen[group.name] ?? null} onChange={(token) => setChosen((before) => ({ ...before, [group.name]: token }))} />)}
      <div className="bk-actions">
        <Button type="primary" size="large" disabled={problem !== null || busy} loading={busy} onClick={() => { begin.clear(); setGiven([]); }}>{t('rewrap.submit')}</Button>
        <span className="bk-secondary">{problem ?? t('rewrap.offline')}</span>
      </div>
      {begin.error && asked === null ? <ErrorPanel error={begin.error} /> : null}
      {asked ? (
        <PinDialog key={asked.ref.serial} open title={tokens.length > 1 ? t('rewrap.pinTitleOf', { number: (given?.length ?? 0) + 1, count: tokens.length }) : t('rewrap.pinTitle')} okText={t('rewrap.submit')} token={asked} running={begin.running} error={begin.error} onSubmit={(answer) => void take(answer)} onCancel={() => { setGiven(null); begin.clear(); }}>
          {change.added.length > 0 ? <p>{t('rewrap.willAddTo', { names: change.added.map((one) => one.facts.subjectCommonName).join(t('common.listSeparator')) })}</p> : null}
        </PinDialog>
      ) : null}
    </Section>
  );

  function whatIsMissing(): string | null {
    if (change.added.length === 0 && change.removed.size === 0) return t('rewrap.nothingChosen');
    if (checks.data?.some(({ refusal }) => refusal !== null)) return t('rewrap.refusedChosen');
    const empty = facts.groups.find(({ name: group, openers }) => openers.every(({ fingerprintHex }) => change.removed.has(fingerprintHex)) && change.added.every((one) => one.group !== group));
    if (empty) return t('rewrap.emptyGroup', { group: groupTitle(empty.name) });
    if (groups.some(({ by }) => by === 'missing')) return t('rewrap.keyMissing');
    return needed.every((group) => chosen[group.name]) ? null : t('rewrap.chooseKey');
  }
}

/** How one group is opened. */
function GroupKey({ group, signs, title, ticketTitle, value, onChange }: { group: GroupToOpen; signs: boolean; title: string; ticketTitle: string; value: TokenSummary | null; onChange: (token: TokenSummary | null) => void }) {
  const { t } = useTranslation();
  if (group.by === 'ticket') return <p className="bk-notice">{t('rewrap.byTicket', { group: title, by: ticketTitle })}</p>;
  if (group.by === 'missing') return <Alert type="warning" showIcon title={t('rewrap.groupMissing', { group: title })} />;
  return <ChoosePluggedKey title={t('rewrap.keyOf', { group: title })} {...(signs ? { hint: t('rewrap.signs') } : {})} accepts={({ ref }) => group.serials.includes(ref.serial)} value={value} onChange={onChange} />;
}

function changedGroups({ facts }: RewrapBase, { added, removed }: Change): ReadonlySet<string> {
  const losing = facts.groups.filter(({ openers }) => openers.some(({ fingerprintHex }) => removed.has(fingerprintHex))).map(({ name }) => name);
  return new Set([...added.map(({ group }) => group), ...losing]);
}
