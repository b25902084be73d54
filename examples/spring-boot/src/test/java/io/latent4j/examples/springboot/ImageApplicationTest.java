package io.latent4j.examples.springboot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ImageApplicationTest {

    @Test
    void startsAndMakesAnImage() throws Exception {
        try (ConfigurableApplicationContext application =
                SpringApplication.run(ImageApplication.class, "--server.port=0", "--server.address=127.0.0.1")) {
            String port = application.getEnvironment().getProperty("local.server.port");
            URI uri = URI.create("http://127.0.0.1:" + port + "/image?prompt=a+red+circle&steps=2");

            HttpResponse<byte[]> response = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());

            assertEquals(200, response.statusCode());
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(response.body()));
            assertEquals(64, image.getWidth());
        }
    }
}
