/** An approved request is carried out on the key: what it does to sealed bids, the risk notice, the right key, the code; then the deed and its result. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Request } from '#shared/contract/rest/requests.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page } from '../../../components/page.tsx';
import { RunningDeed } from '../../../components/running-deed.tsx';
import { useRequest } from '../../../lib/request-queries.ts';
import { CarryOutForm } from './carry-out-form.tsx';
import { CarryOutResult } from './carry-out-result.tsx';
import { carriedOutKind, type CarriedOutKind } from '../../../lib/carried-out-kinds.ts';

export function CarryOutPage() {
  const { t } = useTranslation();
  const found = useRequest(useParams().requestId ?? '');
  const request = found.data ?? null;
  const kind = request === null ? null : carriedOutKind(request.kind);
  return (
    <Page title={kind === null ? t('requests.one') : t(`services.${kind}.title`)} lead={request ? <Link to={`/requests/${request.id}`}>{t('requests.number', { number: request.number })}</Link> : null}>
      {found.error ? <ErrorPanel error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {request && kind !== null ? <CarryOut key={request.id} request={request} kind={kind} /> : null}
    </Page>
  );
}

function CarryOut({ request, kind }: { request: Request; kind: CarriedOutKind }) {
  const [begun, setBegun] = useState<{ readonly deedId: string; readonly fingerprintsBefore: readonly string[] } | null>(null);
  if (begun === null) return <CarryOutForm request={request} kind={kind} onBegun={setBegun} />;
  return <RunningDeed deedId={begun.deedId} onCancelled={() => setBegun(null)} result={(deed) => <CarryOutResult deed={deed} kind={kind} fingerprintsBefore={begun.fingerprintsBefore} />} />;
}
