package io.latent4j.examples.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ImageApplicationTest {
    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() {
        application = SpringApplication.run(ImageApplication.class, "--server.port=0", "--server.address=127.0.0.1");
    }

    @AfterAll
    static void end() {
        application.close();
    }

    private static HttpResponse<byte[]> get(String path) throws Exception {
        String port = application.getEnvironment().getProperty("local.server.port");
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void makesAnImage() throws Exception {
        HttpResponse<byte[]> response = get("/image?prompt=a+red+circle&steps=2&seed=7");

        assertEquals(200, response.statusCode());
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(response.body()));
        assertEquals(64, image.getWidth());
        String file = new String(response.body(), StandardCharsets.ISO_8859_1);
        assertTrue(file.contains("Negative prompt: text, frames"), "of the settings");
        assertTrue(file.contains("Seed: 7"), "of the request");
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        HttpResponse<byte[]> response = get("/image?prompt=a+red+circle&steps=0");

        assertEquals(400, response.statusCode());
        assertTrue(text(response).contains("steps is 0"), text(response));
    }

    @Test
    void saysHowItIs() throws Exception {
        HttpResponse<byte[]> response = get("/actuator/health");

        assertEquals(200, response.statusCode());
        assertTrue(text(response).contains("\"latent4j\""), text(response));
        assertTrue(text(response).contains("\"mostWaiting\":16"), text(response));
    }
}
