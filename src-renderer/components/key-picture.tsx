/** The picture of a UKey model. Shown as an image, never as markup in the page, so that nothing in an SVG can run. */
import { UsbOutlined } from '@ant-design/icons';
import type { UkeyModel } from '#shared/contract/desktop/tokens.ts';

export function KeyPicture({ model, size }: { model: UkeyModel | null; size: 'small' | 'medium' | 'large' }) {
  const className = `bk-key-picture bk-key-picture-${size}`;
  if (model === null) return <span className={className} aria-hidden="true"><UsbOutlined /></span>;
  return <img className={className} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(model.pictureSvg)}`} alt="" />;
}
