package io.latent4j.examples.springboot;

import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import java.io.IOException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Makes images of the embedded model over HTTP. */
@SpringBootApplication
public class ImageApplication {

    /** Starts the application. */
    public static void main(String[] args) {
        SpringApplication.run(ImageApplication.class, args);
    }

    /** The model, loaded once; Spring closes it. */
    @Bean
    Components model() throws IOException {
        return Components.embedded();
    }

    @Bean
    TextToImagePipeline pipeline(Components model) {
        return new TextToImagePipeline(model);
    }
}
