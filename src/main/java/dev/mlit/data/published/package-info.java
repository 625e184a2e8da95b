/** The datasets that come by name: their published formats, the catalogue, and the download. */
@NullMarked
package dev.mlit.data.published;

import org.jspecify.annotations.NullMarked;
