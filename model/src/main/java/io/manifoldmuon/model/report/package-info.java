/** What a run's folder shows: pages, drawings and tables, made from its files alone. */
package io.manifoldmuon.model.report;
