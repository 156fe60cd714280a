/** Pages of a list that only leads on: the cursors of the pages before this one are kept, the last is where this page begins. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';

interface PagerProps {
  /** What the pages are of, for the screen reader. */
  readonly label: string;
  readonly cursors: readonly string[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
  readonly onCursors: (cursors: readonly string[]) => void;
}

/** Nothing where there is one page only. */
export function Pager({ label, cursors, next, onCursors }: PagerProps) {
  const { t } = useTranslation();
  if (next === null && cursors.length === 0) return null;
  return (
    <nav className="bk-pager" aria-label={label}>
      <Button disabled={cursors.length === 0} onClick={() => onCursors(cursors.slice(0, -1))}>{t('pending.previous')}</Button>
      <span aria-live="polite">{t('pending.page', { page: cursors.length + 1 })}</span>
      <Button disabled={next === null} onClick={() => (next === null ? undefined : onCursors([...cursors, next]))}>{t('pending.nextPage')}</Button>
    </nav>
  );
}
