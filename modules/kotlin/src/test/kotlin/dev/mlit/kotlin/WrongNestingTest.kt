package dev.mlit.kotlin

import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource

/** If it fails, a description that is nested wrongly compiles, and what it says is lost or goes elsewhere. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongNestingTest {
    private lateinit var messages: Map<String, List<String>>

    /** What the compiler says of a call whose receiver is a scope further out. */
    private val outside = "cannot be called in this context with an implicit receiver"

    @Suppress("unused")
    enum class Wrong(val source: String, val call: String) {
        FIELD_OF_A_RUN_IN_TRAINING("""run("y") { training { export("x") } }""", "export"),
        GROUP_IN_A_GROUP("""run("y") { training { optimizer { } } }""", "optimizer"),
        GROUP_IN_DATA("""run("y") { data("x") { training { } } }""", "training"),
        GROUP_IN_A_MODEL("""run("y") { model("x") { training { } } }""", "training"),
        FIELD_OF_A_MODEL_IN_STAGES("""model("y") { stages { classes(10) } }""", "classes"),
        MODEL_IN_TRAINING("""run("y") { training { model(Presets.mlitXxs()) } }""", "model"),
        SEEDS_IN_A_TARGET("""study("y") { target("x") { seeds(1) } }""", "seeds"),
        FIELD_IN_OPTIONS_OF_A_CLASSIFIER(
            """run("y") { training { suspend { loadClassifier(Path.of("x")) { epochs(3) } } } }""",
            "epochs",
        ),
        FIELD_IN_OPTIONS_OF_PHOTOS(
            """run("y") { training { suspend { train(Path.of("x")) { epochs(3) } } } }""",
            "epochs",
        ),
    }

    /** A function that begins a description: outside of any scope it is right, so the scope itself refuses it. */
    @Suppress("unused")
    enum class Begun(val source: String, val message: String) {
        MODEL_BEGUN_IN_TRAINING("""run("y") { training { model("x") { } } }""", "directly inside run { }"),
        MODEL_BEGUN_IN_A_MODEL("""model("y") { model("x") { } }""", "directly inside run { }"),
        MODEL_BEGUN_IN_A_TRAINER("""suspend { resume(Path.of("x")) { model("x") { } } }""", "directly inside run { }"),
        RUN_BEGUN_IN_A_RUN("""run("y") { run("x") { } }""", "a run is described by itself"),
        RUN_BEGUN_IN_A_MODEL("""model("y") { run("x") { } }""", "a run is described by itself"),
        RUN_BEGUN_IN_A_STUDY("""study("y") { run("x") { } }""", "a run is described by itself"),
        STUDY_BEGUN_IN_A_RUN("""run("y") { study("x") { } }""", "a study is described by itself"),
        STUDY_BEGUN_IN_A_STUDY("""study("y") { study("x") { } }""", "a study is described by itself"),
    }

    @Suppress("unused")
    enum class Right(val source: String) {
        SAID_EXPLICITLY("""run("y") { training { this@run.export("x") } }"""),
        KOTLINS_OWN_RUN(
            """run("y") { training { epochs(kotlin.run { 3 }); batch(run { 16 }); seed(5L.run { this }) } }"""
        ),
        ORDINARY_CODE("""run("y") { training { listOf(1).forEach { epochs(it) }; with(5) { steps(this) } } }"""),
        MODEL_IN_A_RUN("""run("y") { model("x") { classes(3) } }"""),
        RUN_OF_A_TARGET("""study("y") { target("x") { run("transfer.yaml") } }"""),
    }

    @BeforeAll
    fun `compile all at once, which takes seconds`(@TempDir directory: Path) {
        val sources =
            Wrong.entries.associate { it.name to it.source } +
                Begun.entries.associate { it.name to it.source } +
                Right.entries.associate { it.name to it.source }
        val imports = "package dev.mlit.kotlin\nimport dev.mlit.spec.Presets\nimport java.nio.file.Path\n"
        val files = sources.map { (name, source) -> "$name.kt" to "${imports}fun $name(): Any = $source\n" }
        messages = Compiler.messages(files.toMap(), directory.resolve("classes"))
    }

    @ParameterizedTest
    @EnumSource
    fun `what belongs to a scope around it does not compile`(wrong: Wrong) {
        assertThat(messages["$wrong.kt"]).singleElement().asString().contains("error: 'fun ${wrong.call}(", outside)
    }

    @ParameterizedTest
    @EnumSource
    fun `a description inside another does not compile`(begun: Begun) {
        assertThat(messages["$begun.kt"]).singleElement().asString().contains("error: ", begun.message)
    }

    @ParameterizedTest
    @EnumSource
    fun `what is nested rightly compiles without a warning`(right: Right) {
        assertThat(messages["$right.kt"]).isNull()
    }
}
