/* SPDX-License-Identifier: BSD-2-Clause
 * page.css and page.js as bytes; embed.sh makes html_assets.c of them. */
#ifndef APP_HTML_ASSETS_H
#define APP_HTML_ASSETS_H

extern const unsigned char page_css[], page_js[];
extern const unsigned long page_css_size, page_js_size;

#endif
