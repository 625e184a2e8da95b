/** The datasets that come by name: their published formats, the catalogue, and the download. */
@API(status = Status.INTERNAL)
@NullMarked
package dev.mlit.data.published;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.NullMarked;
