/** The materials of a request by kind: what is needed, what is there, adding and taking away. */
import { DeleteOutlined, UploadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRef, type ChangeEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { AppError } from '#shared/errors/app-error.ts';
import type { ChangeKind } from '#shared/contract/rest/orders.ts';
import { MATERIAL_MEDIA_TYPES, MAX_MATERIAL_BYTES, type Request } from '#shared/contract/rest/requests.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { ToneTag } from '../../../components/tone-tag.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { currentLanguage } from '../../../lib/language.ts';
import { keepRequest } from '../../../lib/request-queries.ts';
import { useAction } from '../../../lib/use-action.ts';

type MaterialKind = ChangeKind['materials'][number];

export function RequestMaterials({ request, changeKind, editable }: { request: Request; changeKind: ChangeKind; editable: boolean }) {
  const { t } = useTranslation();
  if (changeKind.materials.length === 0) return null;
  return (
    <Section title={t('requests.materials.title')}>
      <p className="bk-secondary">{t('requests.materials.lead')}</p>
      <ul className="bk-service-rows">
        {changeKind.materials.map((kind) => <MaterialRow key={kind.id} kind={kind} request={request} editable={editable} />)}
      </ul>
    </Section>
  );
}

function MaterialRow({ kind, request, editable }: { kind: MaterialKind; request: Request; editable: boolean }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const there = request.materials.filter((material) => material.materialKindId === kind.id);
  const name = currentLanguage() === 'zh-CN' ? kind.nameZh : kind.nameEn;
  const add = useAction(async (file: File) => {
    const mediaType = MATERIAL_MEDIA_TYPES.find((type) => type === file.type);
    if (mediaType === undefined) throw new AppError('MATERIAL_TYPE', {});
    if (file.size > MAX_MATERIAL_BYTES) throw new AppError('MATERIAL_TOO_LARGE', {});
    const content = toBase64(new Uint8Array(await file.arrayBuffer()));
    keepRequest(client, await engine.call('requests.addMaterial', { requestId: request.id, materialKindId: kind.id, source: { kind: 'content', fileName: file.name, mediaType, content } }));
  });
  const remove = useAction(async (materialId: string) => keepRequest(client, await engine.call('requests.removeMaterial', { requestId: request.id, materialId })));
  const error = add.error ?? remove.error;

  function chosen(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file) void add.run(file);
  }

  return (
    <li>
      <div>
        <p><strong>{name}</strong>{kind.required ? (there.length === 0 ? <ToneTag tone="warn">{t('requests.materials.needed')}</ToneTag> : <ToneTag tone="ok">{t('requests.materials.there')}</ToneTag>) : <ToneTag tone="plain">{t('requests.materials.optional')}</ToneTag>}</p>
        {there.map((material) => (
          <p key={material.id} className="bk-secondary">
            {material.fileName} · {t('requests.materials.size', { size: Math.max(1, Math.round(material.bytes / 1024)) })}
            {editable ? <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('requests.materials.remove', { file: material.fileName })} loading={remove.running} onClick={() => void remove.run(material.id)} /> : null}
          </p>
        ))}
        {error ? <ErrorPanel error={error} /> : null}
      </div>
      {editable ? (
        <div className="bk-service-action">
          <input ref={field} type="file" hidden accept=".pdf,.jpg,.jpeg,.png" aria-label={t('requests.materials.fileOf', { name })} onChange={chosen} />
          <Button icon={<UploadOutlined />} loading={add.running} aria-label={t('requests.materials.addOf', { name })} onClick={() => field.current?.click()}>{t('requests.materials.add')}</Button>
        </div>
      ) : null}
    </li>
  );
}
