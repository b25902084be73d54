package io.latent4j.spring.autoconfigure;

import io.latent4j.spring.Latent4jImageOptions;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What images are like where prompts leave it open.
 *
 * @param options the default options
 */
@ConfigurationProperties(Latent4jImageProperties.PREFIX)
public record Latent4jImageProperties(
        @NestedConfigurationProperty @DefaultValue Latent4jImageOptions options) {
    static final String PREFIX = "spring.ai.latent4j.image";
}
