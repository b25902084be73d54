package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.io.Resources;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.MemoryJobStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The page as a person uses it, in a real browser. Skipped where there is none. */
final class PageBrowserTest {
    private static final String KEY = "0123456789abcdef";

    @TempDir
    private static Path data;

    private static final ModelRegistry REGISTRY = new ModelRegistry();
    private static final MemoryJobStore STORE = new MemoryJobStore();
    private static Browser browser;
    private static Server server;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Browser.isHere(), Browser.MISSING);
        REGISTRY.addAdapter("ink", data.resolve("missing.safetensors"));
        REGISTRY.addControlNet("edges", data.resolve("missing").toString());
        server = serve(ServerOptions.LOCAL);
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

    private static Server serve(ServerOptions options) throws IOException {
        return Server.start(options.withPort(0), REGISTRY, STORE, QueueOptions.DEFAULT, data);
    }

    @BeforeEach
    void open() {
        browser.size(1360, 900, false);
        browser.scheme("light");
        browser.show(server);
    }

    @Test
    void makesAnImageWithOneClickAndShowsItInTheMaking() {
        browser.script("""
            window.seen = new Set();
            new MutationObserver(() => {
              const preview = document.getElementById('preview');
              if (preview) window.seen.add(preview.src.slice(0, 14));
              window.seen.add(document.getElementById('stage-word').textContent.replace(/[0-9.]+/g, '#').replaceAll('\u00a0', ' '));
            }).observe(document.getElementById('stage'), {subtree: true, childList: true, attributes: true});
            """);
        browser.click("#generate");
        browser.finished("a red circle above a blue square on a white background");
        assertThat(browser.text("return [...window.seen].join('\\n')"))
                .contains("data:image/png")
                .containsPattern("Step # of # · about # s left");
        assertThat(browser.find("#stage-word").getText()).contains("64 × 64").contains("made in");
        assertThat(browser.all(".tile")).isNotEmpty();
    }

    @Test
    void makesSeveralAndGoesOnAfterTheyAreDone() {
        browser.fill("#count", "2");
        browser.generate("a small blue circle", 2);
        assertThat(browser.all("#stage-strip button")).hasSize(2);
        browser.all("#stage-strip button").get(1).click();
        browser.until(
                "the second image is marked",
                () -> "true".equals(browser.all("#stage-strip button").get(1).getAttribute("aria-pressed")));
        browser.fill("#count", "1");
        browser.generate("a small red circle", 2);
        assertThat(browser.find("#stage-strip").isDisplayed()).isFalse();
    }

    @Test
    void cancelsByTheEscapeKey() {
        browser.fill("#prompt", "a long job");
        browser.fill("#steps", "200");
        browser.fill("#count", "8");
        browser.click("#generate");
        browser.until("it runs", "return document.getElementById('stage-word').textContent.includes('Step ')");
        browser.find("body").sendKeys(Keys.ESCAPE);
        browser.until(
                "it is cancelled", "return document.getElementById('stage-word').textContent.startsWith('Cancelled')");
        assertThat(browser.find("#cancel").isDisplayed()).isFalse();
    }

    @Test
    void showsTheQueueAndCancelsInIt() {
        browser.fill("#prompt", "another long job");
        browser.fill("#steps", "200");
        browser.fill("#count", "8");
        browser.click("#generate");
        browser.click("#queue-button");
        browser.until("the job is listed", () -> !browser.all("#queue-list li").isEmpty());
        assertThat(browser.find("#queue-list").getText()).contains("another long job");
        browser.find("body").sendKeys(Keys.ESCAPE);
        assertThat(browser.find("#queue").isDisplayed()).isFalse();
        browser.click("#queue-button");
        browser.until(
                "the job is still listed", () -> !browser.all("#queue-list li").isEmpty());
        browser.click("#queue-list button");
        browser.until(
                "it is cancelled", "return document.getElementById('stage-word').textContent.startsWith('Cancelled')");
    }

    @Test
    void goesOnWhenThePageIsLoadedAgain() {
        browser.fill("#prompt", "a job that goes on");
        browser.fill("#steps", "40");
        browser.click("#generate");
        browser.until("it runs", "return document.getElementById('stage-word').textContent.includes('Step ')");
        browser.driver().navigate().refresh();
        browser.finished("a job that goes on");
        assertThat(browser.value("prompt")).isEqualTo("a job that goes on");
        assertThat(browser.value("steps")).isEqualTo("40");
    }

    @Test
    void showsItsGalleryAgainAfterTheServerWasStopped() throws IOException {
        try (Server first = serve(ServerOptions.LOCAL)) {
            browser.show(first);
            browser.generate("a star that stays", 2);
        }
        try (Server second = serve(ServerOptions.LOCAL)) {
            browser.show(second);
            browser.until(
                    "the image is in the gallery",
                    "const image = document.querySelector('[aria-label^=\"a star that stays\"] img');"
                            + " return image.naturalWidth === 64;");
        }
    }

    @Test
    void searchesAndDeletes() {
        browser.generate("a needle in the hay", 2);
        browser.generate("hay", 2);
        browser.fill("#search", "NEEDLE");
        browser.until("one is found", () -> browser.all(".tile").size() == 1);
        browser.find(".tile-open").click();
        browser.click(".viewer-more button.danger");
        browser.button("Really delete?").click();
        browser.until("it is gone", () -> browser.all(".tile").isEmpty());
        assertThat(browser.find("#gallery-empty").getText()).contains("NEEDLE");
    }

    @Test
    void goesThroughTheGalleryByArrowKeys() {
        browser.generate("first of two", 2);
        browser.generate("second of two", 2);
        WebElement newest = browser.find(".tile-open");
        newest.sendKeys(Keys.ARROW_RIGHT);
        assertThat(browser.text("return document.activeElement.ariaLabel")).startsWith("first of two");
        browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_LEFT, Keys.ENTER);
        browser.until(
                "the viewer shows it",
                () -> browser.find(".viewer-image").getAttribute("alt").equals("second of two"));
        browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
        browser.until(
                "the viewer shows the next",
                () -> browser.find(".viewer-image").getAttribute("alt").equals("first of two"));
        browser.driver().switchTo().activeElement().sendKeys(Keys.ESCAPE);
        browser.until("the viewer is closed", () -> browser.all("dialog").isEmpty());
        assertThat(browser.text("return document.activeElement.ariaLabel")).startsWith("second of two");
    }

    @Test
    void repaintsThePaintedPartAlone() throws IOException {
        browser.generate("a red square on a white background", 4);
        BufferedImage before = result();
        browser.button("Start from it").click();
        browser.click("#source-paint");
        browser.until("the canvas is there", () -> browser.find("#mask-canvas").isDisplayed());
        WebElement canvas = browser.find("#mask-canvas");
        int width = canvas.getSize().width;
        new Actions(browser.driver())
                .moveToElement(canvas, -width / 4, -width / 4)
                .clickAndHold()
                .moveByOffset(width / 8, width / 8)
                .release()
                .moveToElement(canvas, width / 4, width / 4)
                .click()
                .perform();
        browser.button("Undo").click(); // the second dab
        browser.button("Eraser").click();
        assertThat(browser.button("Eraser").getAttribute("aria-pressed")).isEqualTo("true");
        browser.click("#mask-done");
        browser.until("the mask is shown", () -> !browser.all(".thumb img.mask").isEmpty());
        browser.fill("#mask-blur", "0");
        browser.generate("a green square on a black background", 4);
        BufferedImage after = result();
        assertThat(after.getRGB(48, 48)).isEqualTo(before.getRGB(48, 48));
        assertThat(after.getRGB(2, 60)).isEqualTo(before.getRGB(2, 60));
        assertThat(after.getRGB(20, 20)).isNotEqualTo(before.getRGB(20, 20));
    }

    private static BufferedImage result() throws IOException {
        String base64 = (String) browser.driver().executeAsyncScript("""
            const done = arguments[0];
            fetch(document.getElementById('result').src).then(r => r.blob()).then(blob => {
              const reader = new FileReader();
              reader.onload = () => done(reader.result.split(',')[1]);
              reader.readAsDataURL(blob);
            });
            """);
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
    }

    @Test
    void paintsAMaskByTheKeyboardAlone() {
        browser.generate("a blue square", 2);
        browser.button("Start from it").click();
        browser.click("#source-paint");
        browser.until("the canvas has the focus", "return document.activeElement.id === 'mask-canvas'");
        browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.SPACE);
        browser.click("#mask-done");
        browser.until("the mask is shown", () -> !browser.all(".thumb img.mask").isEmpty());
    }

    @Test
    void readsTheSettingsOfAnImageThatIsDropped() {
        browser.fill("#negative", "blue");
        browser.fill("#guidance", "2.5");
        browser.fill("#seed", "18446744073709551615");
        browser.generate("a yellow square", 3);
        browser.driver().executeAsyncScript("""
            const done = arguments[0];
            fetch(document.getElementById('result').src).then(r => r.blob()).then(blob => {
              window.file = new File([blob], 'made.png', {type: 'image/png'});
              done();
            });
            """);
        browser.fill("#prompt", "something else");
        browser.fill("#negative", "");
        browser.fill("#steps", "9");
        browser.fill("#guidance", "7");
        browser.fill("#seed", "");
        browser.script("""
            const files = new DataTransfer();
            files.items.add(window.file);
            const send = (type, target) =>
              target.dispatchEvent(new DragEvent(type, {dataTransfer: files, bubbles: true, cancelable: true}));
            send('dragenter', document.body);
            window.veil = !document.getElementById('drop-veil').hidden;
            send('drop', document.getElementById('drop-settings'));
            """);
        browser.until(
                "the settings are read",
                () -> browser.find("#form-note").getText().contains("made.png"));
        assertThat(browser.text("return window.veil")).isEqualTo("true");
        assertThat(browser.find("#drop-veil").isDisplayed()).isFalse();
        assertThat(List.of(
                        browser.value("prompt"),
                        browser.value("negative"),
                        browser.value("steps"),
                        browser.value("guidance"),
                        browser.value("seed")))
                .containsExactly("a yellow square", "blue", "3", "2.5", "18446744073709551615");
    }

    @Test
    void usesTheSettingsOfAnImageAgain() throws IOException {
        browser.fill("#seed", "77");
        browser.generate("a purple triangle", 3);
        BufferedImage first = result();
        browser.fill("#seed", "");
        browser.generate("a grey star", 2);
        browser.find("[aria-label='a purple triangle, seed 77']").click();
        browser.until(
                "the viewer is open",
                () -> !browser.all("dialog .viewer-actions button").isEmpty());
        browser.find("dialog .viewer-actions button").click();
        browser.until("the settings are there", () -> browser.value("seed").equals("77"));
        browser.click("#generate");
        browser.finished("a purple triangle");
        assertThat(result().getRGB(30, 30)).isEqualTo(first.getRGB(30, 30));
        assertThat(browser.value("steps")).isEqualTo("3");
    }

    @Test
    void namesAdaptersAndControlNetworksInTheJob() throws IOException {
        Path edges = data.resolve("edges.png");
        ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "png", edges.toFile());
        browser.find("#adapters-group summary").click();
        browser.find("#adapters").findElement(By.xpath(".//button[.='Add']")).click();
        WebElement strength = browser.find("#adapters input[type=number]");
        strength.clear();
        strength.sendKeys("0.5");
        browser.find("#controls-group summary").click();
        browser.find("#controls").findElement(By.xpath(".//button[.='Add']")).click();
        browser.fill("#prompt", "in ink");
        browser.click("#generate");
        browser.until(
                "an image is asked for",
                () -> browser.find("#form-error").getText().contains("has no image"));
        browser.find("#controls input[type=file]").sendKeys(edges.toString());
        browser.until("it is there", () -> !browser.all("#controls .thumb img").isEmpty());
        browser.click("#generate");
        browser.until(
                "it is said that the files are missing",
                "return document.getElementById('stage-word').textContent.startsWith('It failed: ')");
        JobSpec sent = STORE.list(JobQuery.NEWEST.having("in ink")).get(0).spec();
        assertThat(sent.request().adapters()).containsExactly(new AdapterUse("ink", 0.5));
        assertThat(sent.controls().get(0).name()).isEqualTo("edges");
    }

    @Test
    void comparesTwoImages() {
        browser.generate("left to compare", 2);
        browser.generate("right to compare", 3);
        browser.find(".tile-open").sendKeys("c");
        browser.all(".tile-open").get(1).sendKeys("c");
        browser.click("#pick-compare");
        browser.until("the slider has the focus", "return document.activeElement.id === 'compare-slider'");
        assertThat(clip()).isEqualTo("inset(0px 50% 0px 0px)");
        browser.find("#compare-slider").sendKeys(Keys.HOME);
        assertThat(clip()).isEqualTo("inset(0px 100% 0px 0px)");
        assertThat(browser.find(".differences").getText())
                .contains("Steps 3 2")
                .contains("Prompt right to compare left to compare");
    }

    private static String clip() {
        return browser.text("return document.querySelector('.compare-above').style.clipPath");
    }

    @Test
    void asksForTheKeyUntilItIsRightAndShowsImagesWithIt() throws IOException {
        try (Server guarded = serve(ServerOptions.LOCAL.withKeys(List.of(KEY)))) {
            browser.open(guarded.uri().toString());
            browser.until(
                    "the key is asked for", () -> browser.find("#key-input").isDisplayed());
            browser.find("#key-input").sendKeys("not the right one", Keys.ENTER);
            browser.until(
                    "it is refused",
                    () -> !browser.all("#key-dialog [role=alert]").isEmpty());
            browser.find("#key-input").sendKeys(KEY, Keys.ENTER);
            browser.until("the model's defaults are shown", "return document.getElementById('width').value === '64'");
            browser.generate("a secret circle", 2);
            assertThat(browser.find("#result").getAttribute("src")).startsWith("blob:");
            browser.until("the gallery shows it", "return document.querySelector('.tile img').naturalWidth === 64");
            assertThat(browser.text("return Object.values({...localStorage}).join()"))
                    .doesNotContain(KEY);
        }
    }

    @Test
    void saysWhatIsWrongBesideTheButton() {
        browser.fill("#seed", "12x");
        browser.script("document.getElementById('seed').removeAttribute('pattern')");
        browser.click("#generate");
        browser.until("it is said", () -> browser.find("#form-error").getText().contains("12x"));
        browser.fill("#seed", "");
        browser.fill("#width", "4");
        browser.script("document.getElementById('form').noValidate = true");
        browser.script("document.getElementById('width').value = '63'");
        browser.click("#generate");
        browser.until(
                "the server's word is shown",
                "return /63/.test(document.getElementById('form-error').textContent"
                        + " + document.getElementById('stage-word').textContent)");
    }

    @Test
    void hasRoomOnAPhone() {
        browser.size(360, 740, true);
        browser.show(server);
        assertThat(overflow()).as("the page").isZero();
        browser.generate("a phone", 2);
        assertThat(overflow()).as("with an image").isZero();
        browser.button("Start from it").click();
        browser.until("the image is there", () -> browser.find("#source-paint").isDisplayed());
        assertThat(overflow()).as("with an image to start from").isZero();
        browser.click("#source-paint");
        browser.until("the canvas is there", () -> browser.find("#mask-canvas").isDisplayed());
        assertThat(overflow()).as("with a mask").isZero();
        browser.find("#mask-canvas").sendKeys(Keys.ESCAPE);
        browser.until("the mask is closed", () -> browser.all("dialog").isEmpty());
        browser.script("document.querySelector('.tile-open').click()");
        browser.until("the viewer is open", () -> browser.find(".viewer-image").isDisplayed());
        assertThat(overflow()).as("with the viewer").isZero();
        browser.find("dialog").sendKeys(Keys.ESCAPE);
        browser.script("document.querySelectorAll('details.group').forEach(group => { group.open = true; })");
        browser.script("document.querySelectorAll('.tile-pick').forEach(pick => pick.click())");
        assertThat(overflow()).as("with all groups open and all images picked").isZero();
    }

    /** By how many pixels something is wider than the screen. */
    private static long overflow() {
        return (long) browser.script("""
            const inner = [...document.querySelectorAll('dialog, dialog .dialog-body')];
            return Math.max(document.documentElement.scrollWidth - innerWidth,
                ...inner.map(each => each.scrollWidth - each.clientWidth));
            """);
    }

    @Test
    void isDarkAsTheSystemIsOrAsItIsChosen() {
        assertThat(brightness()).isGreaterThan(200);
        browser.scheme("dark");
        assertThat(brightness()).isLessThan(60);
        browser.click("#theme-button");
        assertThat(brightness()).as("light is chosen").isGreaterThan(200);
        browser.driver().navigate().refresh();
        assertThat(brightness()).as("and kept").isGreaterThan(200);
        browser.scheme("light");
        browser.click("#theme-button");
        assertThat(browser.find("#theme-button").getText()).contains("dark");
        assertThat(brightness()).isLessThan(60);
    }

    private static int brightness() {
        return Integer.parseInt(
                browser.text("return getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]"));
    }

    @Test
    void isAccessible() {
        browser.generate("one to look at", 2);
        browser.generate("another to look at", 2);
        assertAccessible("the page");
        browser.click("#queue-button");
        assertAccessible("the queue");
        browser.find(".tile-open").sendKeys("c");
        browser.all(".tile-open").get(1).sendKeys("c");
        browser.click("#pick-compare");
        browser.until("they are compared", () -> browser.find("#compare-slider").isEnabled());
        assertAccessible("the comparison");
        browser.find("#compare-slider").sendKeys(Keys.ESCAPE);
        browser.click("#pick-clear");
        browser.button("Start from it").click();
        browser.click("#source-paint");
        browser.until("the canvas is there", () -> browser.find("#mask-canvas").isDisplayed());
        browser.find("#mask-canvas").sendKeys(Keys.SPACE);
        assertAccessible("the mask");
        browser.click("#mask-done");
        browser.until("the mask is shown", () -> !browser.all(".thumb img.mask").isEmpty());
        browser.click("#help-button");
        assertAccessible("the keys");
        browser.find("dialog").sendKeys(Keys.ESCAPE);
        browser.click("#recent");
        assertAccessible("the recent prompts");
        browser.find("dialog").sendKeys(Keys.ESCAPE);
        browser.script("document.querySelectorAll('details.group').forEach(group => { group.open = true; })");
        browser.scheme("dark");
        assertAccessible("the page in the dark, with a mask and all groups open");
        browser.script("document.querySelector('.tile-open').click()");
        browser.until("the viewer is open", () -> browser.find(".viewer-image").isDisplayed());
        assertAccessible("the viewer in the dark");
    }

    private static void assertAccessible(String what) {
        browser.script(axe());
        String found = String.valueOf(browser.driver().executeAsyncScript("""
            const done = arguments[0];
            axe.run(document, {resultTypes: ['violations']}).then(result => done(result.violations
              .filter(each => each.impact === 'serious' || each.impact === 'critical')
              .map(each => each.id + ': ' + each.nodes.map(node => node.html + ' ' + node.failureSummary).join('; '))
              .join('\\n')));
            """));
        assertThat(found).as(what).isEmpty();
    }

    private static String axe() {
        try {
            return Resources.toString(Resources.getResource("axe.min.js"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
