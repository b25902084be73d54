/** Images of latent4j for LangChain4j. */
package io.latent4j.langchain4j;
