package io.latent4j.examples.springai;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Makes images over HTTP with whichever image model Spring AI has. */
@SpringBootApplication
public class ImageApplication {

    /** Starts the application. */
    public static void main(String[] args) {
        SpringApplication.run(ImageApplication.class, args);
    }
}
