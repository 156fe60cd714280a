/** The four services of the field. Those that are not built yet are there, disabled, and say so. */
import { FormOutlined, RightOutlined, SafetyCertificateOutlined, ScheduleOutlined, UnlockOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface Tile {
  readonly name: 'newIssue' | 'renewal' | 'unlock' | 'change';
  readonly icon: ReactNode;
  /** null: comes with a later version. */
  readonly to: string | null;
}

const TILES: readonly Tile[] = [
  { name: 'newIssue', icon: <SafetyCertificateOutlined />, to: '/pending' },
  { name: 'renewal', icon: <ScheduleOutlined />, to: null },
  { name: 'unlock', icon: <UnlockOutlined />, to: null },
  { name: 'change', icon: <FormOutlined />, to: null },
];

export function ServiceTiles() {
  const { t } = useTranslation();
  return (
    <nav className="bk-tiles" aria-label={t('home.tiles.label')}>
      {TILES.map((tile) => (tile.to === null ? <NextTile key={tile.name} tile={tile} /> : <OpenTile key={tile.name} tile={tile} to={tile.to} />))}
    </nav>
  );
}

function OpenTile({ tile, to }: { tile: Tile; to: string }) {
  const { t } = useTranslation();
  return (
    <Link to={to} className="bk-tile">
      <TileContent tile={tile} />
      <span className="bk-tile-open" aria-hidden="true">{t('home.tiles.open')} <RightOutlined /></span>
    </Link>
  );
}

function NextTile({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="bk-tile bk-tile-next" aria-disabled="true">
      <TileContent tile={tile} />
      <span className="bk-tile-reason">{t('home.tiles.next')}</span>
    </button>
  );
}

function TileContent({ tile }: { tile: Tile }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="bk-tile-icon" aria-hidden="true">{tile.icon}</span>
      <span className="bk-tile-title">{t(`home.tiles.${tile.name}.title`)}</span>
      <span className="bk-tile-meaning">{t(`home.tiles.${tile.name}.meaning`)}</span>
    </>
  );
}
