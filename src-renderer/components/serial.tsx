/** A serial number, large and in groups of four. Screen readers get it sign by sign; copying gives it without the gaps. */
import { useTranslation } from 'react-i18next';
import { groupSerial } from '../lib/group-serial.ts';

export function Serial({ value, large = false }: { value: string; large?: boolean }) {
  const { t } = useTranslation();
  return (
    <span
      className={large ? 'bk-serial bk-serial-large' : 'bk-serial'}
      onCopy={(event) => {
        event.preventDefault();
        event.clipboardData.setData('text/plain', value);
      }}
    >
      <span aria-hidden="true">{groupSerial(value)}</span>
      <span className="bk-visually-hidden">{t('common.serialSpoken', { serial: [...value].join(' ') })}</span>
    </span>
  );
}
