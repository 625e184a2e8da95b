/**
 * Pages of charts and tables, each one HTML file that needs no network. Knows nothing of models and
 * training: numbers and texts go in, HTML comes out.
 */
@API(status = Status.INTERNAL)
@org.jspecify.annotations.NullMarked
package dev.mlit.report;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
