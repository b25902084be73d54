package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's settings beyond the usual ones, from its fields to the job and back. Skipped where there is no browser. */
final class SettingsBrowserTest {
    @TempDir
    private static Path data;

    private static final ModelRegistry REGISTRY = new ModelRegistry();
    private static final MemoryJobStore STORE = new MemoryJobStore();
    private static Browser browser;
    private static Server server;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Browser.isHere(), Browser.MISSING);
        REGISTRY.addModel("second", data.resolve("missing").toString());
        server = Server.start(ServerOptions.LOCAL.withPort(0), REGISTRY, STORE, QueueOptions.DEFAULT, data);
        browser = Browser.start();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
            server.close();
        }
        REGISTRY.close();
    }

    @BeforeEach
    void open() {
        browser.size(1360, 900, false);
        browser.show(server);
        browser.script("document.querySelectorAll('details.group').forEach(group => { group.open = true; })");
    }

    private static JobSpec sent(String prompt) {
        return STORE.list(JobQuery.NEWEST.having(prompt)).get(0).spec();
    }

    private static List<String> values(String... ids) {
        return List.of(ids).stream().map(browser::value).toList();
    }

    private static void use(String prompt) {
        browser.until(
                "it is in the gallery",
                () -> browser.all(".tile-open").stream()
                        .anyMatch(tile -> tile.getAttribute("aria-label").startsWith(prompt + ", ")));
        browser.script("document.querySelector(`[aria-label^=\"${arguments[0]}, \"]`).click()", prompt);
        browser.click("dialog .viewer-actions button");
        browser.until("the settings are there", () -> browser.value("prompt").equals(prompt));
    }

    @Test
    void makesAnImageLargerInASecondRun() {
        browser.fill("#upscale-factor", "2");
        browser.fill("#upscale-strength", "0.4");
        browser.fill("#upscale-steps", "3");
        browser.choose("#upscale-by", "latents_bicubic");
        assertThat(browser.find("#upscale-badge").getText()).isEqualTo("to 128 × 128");
        browser.generate("a large circle", 3);
        assertThat(browser.script("return document.querySelector('#result').naturalWidth"))
                .isEqualTo(128L);
        Upscale wanted = new Upscale(2).withStrength(0.4).withSteps(3).by(Upscaler.LATENTS_BICUBIC);
        assertThat(sent("a large circle").request().upscale()).contains(wanted);
        browser.driver().navigate().refresh();
        browser.until(
                "it is kept",
                () -> values("upscale-factor", "upscale-by", "upscale-steps")
                        .equals(List.of("2", "latents_bicubic", "3")));
        browser.fill("#upscale-factor", "1");
        browser.generate("a small circle", 2);
        assertThat(sent("a small circle").request().upscale()).isEmpty();
        use("a large circle");
        assertThat(values("upscale-factor", "upscale-strength", "upscale-steps"))
                .containsExactly("2", "0.4", "3");
        use("a small circle");
        assertThat(values("upscale-factor", "upscale-steps")).containsExactly("1", "");
        assertThat(browser.find("#rest").isDisplayed()).isFalse();
    }

    @Test
    void saysWhatGoesWithNoSecondRun() {
        browser.fill("#upscale-factor", "2");
        assertThat(browser.find("#upscale-clash").isDisplayed()).isFalse();
        browser.choose("#refiner-model", "second");
        assertThat(browser.find("#upscale-clash").getText()).contains("refiner");
        browser.choose("#refiner-model", "");
        assertThat(browser.find("#upscale-clash").isDisplayed()).isFalse();
    }

    @Test
    void hasASecondModelForTheLastSteps() {
        browser.choose("#refiner-model", "second");
        browser.fill("#refiner-from", "0.7");
        browser.fill("#prompt", "two models");
        browser.click("#generate");
        browser.until(
                "it fails, as the second model's files are missing",
                "return document.querySelector('#stage-word.error') !== null");
        assertThat(sent("two models").refiner()).contains(new RefinerUse("second", 0.7));
    }

    @Test
    void choosesANoiseScheduleWhereTheSamplerTakesOne() {
        assertThat(browser.find("#spacing").isEnabled())
                .as("of the model's own")
                .isFalse();
        browser.choose("#scheduler", "pndm");
        assertThat(browser.find("#spacing").isEnabled()).as("of PLMS").isFalse();
        browser.choose("#scheduler", "dpm++2m");
        browser.choose("#spacing", "exponential");
        browser.generate("spaced", 3);
        assertThat(sent("spaced").request().sampling().scheduler()).contains("dpm++2m exponential");
        browser.choose("#scheduler", "");
        browser.generate("as it is", 2);
        assertThat(sent("as it is").request().sampling().scheduler()).isEmpty();
        use("spaced");
        assertThat(values("scheduler", "spacing")).containsExactly("dpm++2m", "exponential");
    }

    @Test
    void takesTheSettingsThatAreSeldomChanged() {
        browser.fill("#variation-strength", "0.25");
        browser.fill("#variation-seed", "18446744073709551615");
        browser.fill("#clip-skip", "2");
        browser.fill("#guidance-start", "0.1");
        browser.fill("#guidance-end", "0.9");
        browser.fill("#rescale", "0.5");
        browser.click("#plain");
        browser.choose("#scheduler", "euler a");
        browser.fill("#eta", "0.5");
        browser.fill("#seed", "5");
        assertThat(browser.find("#finer-badge").getText()).isEqualTo("7");
        browser.generate("a finer one", 3);
        GenerationRequest sent = sent("a finer one").request();
        assertThat(sent.batch().variation()).contains(new Variation(-1, 0.25));
        assertThat(sent.prompt().clipSkip()).isEqualTo(2);
        assertThat(sent.prompt().syntax()).isEqualTo(PromptSyntax.PLAIN);
        assertThat(List.of(
                        sent.guidance().start(),
                        sent.guidance().end(),
                        sent.guidance().rescale()))
                .containsExactly(0.1, 0.9, 0.5);
        assertThat(sent.sampling().eta()).isEqualTo(OptionalDouble.of(0.5));
        String[] ids = {"variation-strength", "variation-seed", "clip-skip", "guidance-end", "rescale", "eta", "seed"};
        for (String id : ids) {
            browser.script("document.getElementById(arguments[0]).value = ''", id);
        }
        use("a finer one");
        assertThat(values(ids)).containsExactly("0.25", "18446744073709551615", "2", "0.9", "0.5", "0.5", "5");
        assertThat(browser.find("#plain").isSelected()).isTrue();
        assertThat(browser.find("#rest").isDisplayed()).isFalse();
    }

    @Test
    void followsTheVariationOfTheImageWhoseSettingsAreUsed() {
        browser.fill("#variation-strength", "0.25");
        browser.fill("#variation-seed", "18446744073709551615");
        browser.fill("#count", "2");
        browser.fill("#seed", "5");
        browser.generate("two variations", 2);
        browser.click("#stage-strip button:nth-child(2)");
        browser.until(
                "the second is shown",
                "return document.querySelector('#stage-strip button:nth-child(2)')"
                        + ".getAttribute('aria-pressed') === 'true'");
        browser.button("Use these settings").click();
        browser.until(
                "the settings are there", () -> browser.value("variation-seed").equals("0"));
    }

    /** Drops a file on the zone that reads settings. */
    private static void drop(String name, byte[] bytes) {
        browser.script("""
            const bytes = Uint8Array.from(atob(arguments[1]), letter => letter.charCodeAt(0));
            const files = new DataTransfer();
            files.items.add(new File([bytes], arguments[0], {type: 'image/' + arguments[0].split('.')[1]}));
            document.getElementById('drop-settings').dispatchEvent(
              new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}));
            """, name, Base64.getEncoder().encodeToString(bytes));
    }

    private static byte[] fetched(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.uri().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .body();
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "webp"})
    void readsTheSettingsOfEveryKindOfFileThatTheServerSends(String format) throws Exception {
        String prompt = "ein grüner Kreis – " + format;
        browser.fill("#seed", "77");
        browser.generate(prompt, 3);
        byte[] file =
                fetched(URI.create(browser.find("#result").getAttribute("src")).getPath() + "?format=" + format);
        browser.fill("#prompt", "something else");
        browser.fill("#seed", "1");
        browser.fill("#steps", "9");
        drop("made." + format, file);
        browser.until(
                "the settings are read",
                () -> browser.find("#form-note").getText().contains("made." + format));
        assertThat(values("prompt", "seed", "steps")).containsExactly(prompt, "77", "3");
        assertThat(browser.find("#form-note").getText()).doesNotContain("not on this server");
    }

    @Test
    void readsACommentWhoseBytesAreInTheOtherOrder() {
        byte[] text = "a boat\nSteps: 9, Seed: 3, Size: 64x64".getBytes(StandardCharsets.UTF_16LE);
        ByteBuffer file = ByteBuffer.allocate(64 + text.length);
        file.putShort((short) 0xFFD8).putShort((short) 0xFFE1).putShort((short) (60 + text.length));
        file.put("Exif\0\0II".getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.LITTLE_ENDIAN);
        file.putShort((short) 42).putInt(8);
        file.putShort((short) 1)
                .putShort((short) 0x8769)
                .putShort((short) 4)
                .putInt(1)
                .putInt(26)
                .putInt(0);
        file.putShort((short) 1)
                .putShort((short) 0x9286)
                .putShort((short) 7)
                .putInt(8 + text.length)
                .putInt(44);
        file.putInt(0).put("UNICODE\0".getBytes(StandardCharsets.US_ASCII)).put(text);
        drop("other.jpeg", file.array());
        browser.until("the settings are read", () -> browser.value("prompt").equals("a boat"));
        assertThat(values("seed", "steps")).containsExactly("3", "9");
    }

    @Test
    void saysWhyAFileGivesNoSettings() {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        drop("bare.png", PngFile.bytes(image, Map.of()));
        refused("bare.png does not say how it was made");
        drop("graph.png", PngFile.bytes(image, Map.of("workflow", "{}")));
        refused("graph.png has a workflow of ComfyUI");
        drop("other.png", PngFile.bytes(image, Map.of("parameters", "{\"prompt\": \"a boat\"}")));
        refused("other.png has settings in a form that is not read");
        drop("short.jpeg", new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE1, 0});
        refused("short.jpeg does not say how it was made");
    }

    private static void refused(String why) {
        browser.until(
                "it is said why", () -> browser.find("#form-error").getText().startsWith(why));
    }
}
