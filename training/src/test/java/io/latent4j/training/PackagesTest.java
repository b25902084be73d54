package io.latent4j.training;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.latent4j.core.packages.PackageRules;

@AnalyzeClasses(packages = "io.latent4j.training", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    private static final String ENGINE = "ai.djl..";

    @ArchTest
    static void formNoCycles(JavaClasses classes) {
        PackageRules.requireNoCycles(classes, "training");
    }

    @ArchTest
    static void areSmall(JavaClasses classes) {
        PackageRules.requireSmall(classes);
    }

    @ArchTest
    static void plansAreValues(JavaClasses classes) {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Plan")
                .or()
                .resideInAPackage("..training.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE)
                .check(classes);
    }

    @ArchTest
    static void dataNeedsNoEngine(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAnyPackage("..training.data.scenes..", "..training.data.evaluation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE)
                .check(classes);
    }
}
