package io.latent4j.examples.springai;

import io.latent4j.spring.Latent4jImageOptions;
import java.util.Base64;
import org.springframework.ai.image.Image;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers {@code /image?prompt=a+red+circle} with a PNG file. */
@RestController
class ImageController {
    private final ImageModel images;

    ImageController(ImageModel images) {
        this.images = images;
    }

    @GetMapping(path = "/image", produces = MediaType.IMAGE_PNG_VALUE)
    byte[] image(
            @RequestParam("prompt") String prompt,
            @RequestParam(name = "seed", required = false) Long seed,
            @RequestParam(name = "steps", required = false) Integer steps) {
        Latent4jImageOptions options =
                Latent4jImageOptions.builder().seed(seed).steps(steps).build();
        Image image = images.call(new ImagePrompt(prompt, options)).getResult().getOutput();
        return Base64.getDecoder().decode(image.getB64Json());
    }

    @ExceptionHandler
    ProblemDetail wrong(NonTransientAiException error) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, error.getMessage());
    }

    @ExceptionHandler
    ProblemDetail busy(TransientAiException error) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, error.getMessage());
    }
}
