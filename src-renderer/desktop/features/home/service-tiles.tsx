/** The four services of the field as big tiles. */
import { FormOutlined, RightOutlined, SafetyCertificateOutlined, ScheduleOutlined, UnlockOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface Tile {
  readonly name: 'newIssue' | 'renewal' | 'unlock' | 'change';
  readonly icon: ReactNode;
  readonly to: string;
}

const TILES: readonly Tile[] = [
  { name: 'newIssue', icon: <SafetyCertificateOutlined />, to: '/pending' },
  { name: 'renewal', icon: <ScheduleOutlined />, to: '/service/renewal' },
  { name: 'unlock', icon: <UnlockOutlined />, to: '/service/unlock' },
  { name: 'change', icon: <FormOutlined />, to: '/service/change' },
];

export function ServiceTiles() {
  const { t } = useTranslation();
  return (
    <nav className="bk-tiles" aria-label={t('home.tiles.label')}>
      {TILES.map((tile) => (
        <Link key={tile.name} to={tile.to} className="bk-tile">
          <TileContent tile={tile} />
          <span className="bk-tile-open" aria-hidden="true">{t('home.tiles.open')} <RightOutlined /></span>
        </Link>
      ))}
    </nav>
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
