/** What would run, where a page took text for HTML. */
export const MARKUP: readonly string[] = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '"><img src=//evil.test/x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus="alert(1)" x="',
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
  '<base href="//evil.test/">',
  '<link rel=stylesheet href=//evil.test/x.css>',
  '<style>@import "//evil.test/x.css"</style>',
  '<meta http-equiv=refresh content="0;url=//evil.test/">',
  '<object data="//evil.test/x"></object>',
  '<details open ontoggle=alert(1)>',
  '<template shadowrootmode=open><script>alert(1)</script></template>',
  '{{constructor.constructor("alert(1)")()}}',
  '$' + '{alert(1)}',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<!--<img src="--><img src=x onerror=alert(1)>">',
  '__proto__',
  'constructor',
  'javascript:alert(1)',
]

/** What would turn text round, hide it, or make it stand for another. */
export const UNICODE: readonly string[] = [
  '\u202egnp.exe',
  '\u2066left\u2069\u2067right\u2069',
  'שלום עולם',
  'مرحبا بالعالم',
  'a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308'.repeat(8),
  'zero\u200b\u200c\u200d\ufeffwidth',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'раураl',
]

const ESC = '\u001b'
const BELL = '\u0007'

/** What programs may write, and what must come of it: nothing but signs on a screen. */
export const OUTPUT: readonly string[] = [
  ...MARKUP,
  ...UNICODE,
  ...[
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'http://evil.test/',
  ].map((target) => `${ESC}]8;;${target}${ESC}\\click${ESC}]8;;${ESC}\\`),
  // Titles: markup, a control character, one of a megabyte.
  `${ESC}]0;<img src=x onerror=alert(1)>${BELL}`,
  `${ESC}]2;</title><script>alert(1)</script>${BELL}`,
  `${ESC}]0;${'\u202e'}${'T'.repeat(200_000)}${BELL}`,
  // The clipboard: written, read, with a broken code.
  `${ESC}]52;c;YWxlcnQoMSk=${BELL}`,
  `${ESC}]52;c;?${BELL}`,
  `${ESC}]52;c;!!!!${BELL}`,
  // Notes, colours, working directories and pictures that a terminal may be told of.
  `${ESC}]9;<script>alert(1)</script>${BELL}`,
  `${ESC}]777;notify;<b>;<img src=x onerror=alert(1)>${BELL}`,
  `${ESC}]7;file://evil.test/<script>${BELL}`,
  `${ESC}]1337;File=inline=1;name=PHN2Zz4=:PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+${BELL}`,
  `${ESC}]4;1;url(//evil.test/x)${BELL}`,
  `${ESC}]10;expression(alert(1))${BELL}`,
  `${ESC}]633;P;Cwd=<img src=x onerror=alert(1)>${BELL}`,
  // What asks the terminal for more than there is.
  `${ESC}[999999999;999999999H.`,
  ...['I', 'L', 'M', 'S', 'T', 'Z', 'b'].map((final) => `x${ESC}[999999999${final}`),
  `${ESC}[999999999@${ESC}[999999999L${ESC}[999999999P`,
  `${ESC}[8;99999;99999t${ESC}[5t${ESC}[3;-999;-999t`,
  `${ESC}[${'1;'.repeat(5_000)}m`,
  `${ESC}[?1049h<script>alert(1)</script>${ESC}[?1049l`,
  `${ESC}P${'q'.repeat(50_000)}${ESC}\\`,
  `${ESC}_<script>alert(1)</script>${ESC}\\${ESC}^<script>${ESC}\\`,
  `${ESC}#8${ESC}c`,
  `${ESC}(0lqqk${ESC}(B${'\u000e\u000f\u0005'}`,
]

/** Names of files, as somebody may send them. */
export const FILE_NAMES: readonly string[] = [
  '"><svg onload=alert(1)>.svg',
  '<img src=x onerror=alert(1)>.png',
  '..\\..\\evil.svg',
  '$(touch evil).png',
  "'; touch evil; '.svg",
  '\u202egnp.svg',
]
