/** Gives a key another label. Only for the person: nothing finds a key by it. */
import { App, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

const MAX_LABEL = 32;

export function RenameKeyDialog({ token, onClose }: { token: TokenSummary; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const engine = useEngine();
  const client = useQueryClient();
  const [label, setLabel] = useState(token.label);
  const rename = useAction(async () => {
    await engine.call('tokens.renameLabel', { token: token.ref, label: label.trim() });
    void client.invalidateQueries({ queryKey: QUERY_KEYS.tokens });
    void message.success(t('keyCard.renamed'));
    onClose();
  });
  const ready = label.trim() !== '' && label.trim() !== token.label;
  return (
    <Modal open title={t('keyCard.renameTitle')} okText={t('keyCard.renameOk')} cancelText={t('common.cancel')} okButtonProps={{ disabled: !ready, loading: rename.running }} className="bk-dialog" onOk={() => void rename.run()} onCancel={onClose} destroyOnHidden>
      <form className="bk-form" onSubmit={(event) => { event.preventDefault(); if (ready) void rename.run(); }}>
        {rename.error ? <ErrorPanel error={rename.error} /> : null}
        <div className="bk-field">
          <label htmlFor="key-label">{t('keyCard.renameLabel')}</label>
          <Input id="key-label" value={label} maxLength={MAX_LABEL} autoComplete="off" onChange={(event) => setLabel(event.target.value)} />
          <p className="bk-secondary">{t('keyCard.renameHint')}</p>
        </div>
      </form>
    </Modal>
  );
}
