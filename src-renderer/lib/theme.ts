/** The look: Ant Design's tokens. Colours keep a contrast of at least 4.5:1 for text (WCAG 2.2 AA); fonts are those of the system. */
import type { ThemeConfig } from 'antd';

export const THEME: ThemeConfig = {
  cssVar: { key: 'bidkey' },
  hashed: false,
  token: {
    colorPrimary: '#0b57a4',
    colorInfo: '#0b57a4',
    colorLink: '#0b57a4',
    colorSuccess: '#1c7c3a',
    colorWarning: '#b45c00',
    colorError: '#c0261c',
    colorText: '#1b2430',
    colorTextSecondary: '#4c5a6b',
    colorTextTertiary: '#5d6b7c',
    colorTextDescription: '#566475',
    colorTextPlaceholder: '#6b7888',
    colorBorder: '#c3ccd7',
    colorBorderSecondary: '#dfe5ec',
    colorBgLayout: '#f3f5f8',
    borderRadius: 6,
    borderRadiusLG: 8,
    fontSize: 15,
    controlHeight: 36,
    controlHeightLG: 44,
    fontFamily: `"Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", system-ui, sans-serif`,
    fontFamilyCode: `"Cascadia Mono", Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace`,
    // Motion is no information here; keys are slow enough.
    motion: false,
  },
  components: {
    Card: { headerFontSize: 16 },
    Table: { headerBg: '#f0f3f7', cellPaddingBlock: 12 },
    Modal: { titleFontSize: 17 },
  },
};
