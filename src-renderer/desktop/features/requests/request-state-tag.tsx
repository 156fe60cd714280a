/** State of a request in a word. */
import { useTranslation } from 'react-i18next';
import type { RequestState } from '#shared/contract/rest/requests.ts';
import { ToneTag, type Tone } from '../../../components/tone-tag.tsx';

const TONES: Record<RequestState, Tone> = {
  draft: 'plain', submitted: 'info', 'in-review': 'info', approved: 'info', rejected: 'bad', 'awaiting-payment': 'notice', paid: 'info', 'code-sent': 'notice', writing: 'notice', completed: 'ok', withdrawn: 'plain', expired: 'warn', cancelled: 'plain',
};

export function RequestStateTag({ state }: { state: RequestState }) {
  const { t } = useTranslation();
  return <ToneTag tone={TONES[state]}>{t(`requests.state.${state}`)}</ToneTag>;
}
