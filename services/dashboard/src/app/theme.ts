import { createTheme, type MantineColorsTuple, rem } from '@mantine/core';

/** Cool greys for surfaces and text; Mantine's own are warmer and, in the dark, too flat. */
const dark: MantineColorsTuple = [
  '#e6e8ee',
  '#b9becb',
  '#9aa1b2',
  '#747c8f',
  '#3a4050',
  '#2a2f3c',
  '#1d212b',
  '#12151c',
  '#0d0f15',
  '#090b0f',
];
const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e5e8ee',
  '#d6dae3',
  '#b9c0cc',
  '#8b94a5',
  '#5f6878',
  '#485163',
  '#2b3240',
  '#171c26',
];
const iris: MantineColorsTuple = [
  '#eef1ff',
  '#e0e4ff',
  '#c5ccff',
  '#a3acff',
  '#8088fb',
  '#5d60ef',
  '#5457e5',
  '#4646cd',
  '#3a3aa8',
  '#2f3086',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 5 },
  colors: { dark, gray, iris },
  autoContrast: true,
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(20) },
  lineHeights: { xs: '1.4', sm: '1.5', md: '1.55', lg: '1.5', xl: '1.35' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: rem(22), lineHeight: '1.3' },
      h2: { fontSize: rem(16), lineHeight: '1.4' },
      h3: { fontSize: rem(14), lineHeight: '1.45' },
    },
  },
  defaultRadius: 'md',
  radius: { xs: rem(4), sm: rem(6), md: rem(8), lg: rem(12), xl: rem(16) },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    // Guidance below the input, so that inputs side by side stand on one line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    TextInput: { defaultProps: { size: 'sm' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 200, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 3 } } },
  },
});
