/** 证书绑定: certificates of the account, binding a further one by a signature of its key, unbinding. */
import { LinkOutlined } from '@ant-design/icons';
import { App, Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Binding } from '#shared/contract/rest/bindings.ts';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { PinDialog, type PinAnswer } from '../../../components/pin-dialog.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { ValidityTag } from '../../../components/validity-tag.tsx';
import { beijingTime } from '../../../lib/beijing-time.ts';
import { commonNameOf } from '../../../lib/distinguished-name.ts';
import { useEngine } from '../../../lib/engine.tsx';
import { forgetBindings, useBindings, useProjects } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

export function BindingsPage() {
  const { t } = useTranslation();
  const bindings = useBindings(true);
  return (
    <Page title={t('bindings.title')} lead={t('bindings.lead')}>
      <Section title={t('bindings.mine')}>
        {bindings.error ? <ErrorPanel error={bindings.error} onRetry={() => void bindings.refetch()} /> : null}
        {bindings.isPending ? <Loading /> : null}
        {bindings.data?.items.length === 0 ? <EmptyState icon={<LinkOutlined />} title={t('bindings.none')} hints={[t('bindings.noneHint')]} /> : null}
        <ul className="bk-service-rows">{bindings.data?.items.map((binding) => <BindingRow key={binding.id} binding={binding} />)}</ul>
      </Section>
      <BindKey />
    </Page>
  );
}

function BindingRow({ binding }: { binding: Binding }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const unbind = useAction(async () => {
    await engine.call('bindings.unbind', { bindingId: binding.id });
    forgetBindings(client);
  });
  const name = commonNameOf(binding.subject);
  return (
    <li>
      <div>
        <p><strong>{name}</strong> <ValidityTag notBeforeUtc={binding.notBeforeUtc} notAfterUtc={binding.notAfterUtc} /><ToneTag tone="plain">{t(`bindings.source.${binding.source}`)}</ToneTag></p>
        <p className="bk-secondary">{t('services.serial')} <span className="bk-mono">{binding.serialHex}</span> · {t('services.issuer', { name: commonNameOf(binding.issuer) })}</p>
        <p className="bk-secondary">{t('bindings.since', { time: beijingTime(binding.boundAtUtc) })}{binding.lastLoginAtUtc === null ? '' : ` · ${t('bindings.lastLogin', { time: beijingTime(binding.lastLoginAtUtc) })}`}</p>
        {unbind.error ? <ErrorPanel error={unbind.error} /> : null}
      </div>
      <div className="bk-service-action">
        <Button loading={unbind.running} aria-label={t('bindings.unbindOf', { name })} onClick={() => modal.confirm({ title: t('bindings.unbindAsk', { name }), content: t('bindings.unbindMeaning'), okText: t('bindings.unbind'), cancelText: t('common.cancel'), onOk: () => unbind.run() })}>{t('bindings.unbind')}</Button>
      </div>
    </li>
  );
}

function BindKey() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const projects = useProjects().data?.items ?? [];
  const [token, setToken] = useState<TokenSummary | null>(null);
  const [projectId, setProjectId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const bind = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    if (token === null) return;
    await engine.call('bindings.bind', { token: token.ref, pin, confirmedFewTries, ...(projectId === null ? {} : { projectId }) });
    setAsking(false);
    void message.success(t('bindings.bound'));
    forgetBindings(client);
  });
  const trusting = projects.filter((project) => project.trustedCaIds.length > 0);
  const stands = token?.certificates.some((certificate) => certificate.purpose === 'sign') === true;
  return (
    <Section title={t('bindings.bindTitle')}>
      <ChoosePluggedKey title={t('services.whichKey')} value={token} onChange={setToken} />
      {trusting.length > 0 ? (
        <div className="bk-field">
          <label htmlFor="binding-project">{t('bindings.project')}</label>
          <Select<string> id="binding-project" className="bk-narrow-select" allowClear placeholder={t('bindings.ownCa')} value={projectId} onChange={(value: string | undefined) => setProjectId(value ?? null)} options={trusting.map((project) => ({ value: project.id, label: project.name }))} />
        </div>
      ) : null}
      <div className="bk-actions">
        <Button type="primary" icon={<LinkOutlined />} disabled={!stands} onClick={() => setAsking(true)}>{t('bindings.bind')}</Button>
        <span className="bk-secondary">{token !== null && !stands ? t('bindings.noSigningCertificate') : t('bindings.bindMeaning')}</span>
      </div>
      {token ? (
        <PinDialog open={asking} title={t('bindings.pinTitle')} okText={t('bindings.bind')} token={token} running={bind.running} error={bind.error} onSubmit={(answer) => void bind.run(answer)}
          onCancel={() => {
            setAsking(false);
            bind.clear();
          }} />
      ) : null}
    </Section>
  );
}
