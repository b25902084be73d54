/**
 * The methods by the names that users, files and web front ends call them.
 */
package io.latent4j.schedulers.catalogue;
