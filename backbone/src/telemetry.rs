//! Logs, traces and metrics: up, down, and trace context across events.

use std::io::IsTerminal as _;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::TextEncoder;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What has to be flushed at the end, and the metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry {
    registry: prometheus::Registry,
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

/// How telemetry is wished for.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// As `RUST_LOG` reads it.
    pub filter: String,
    /// Spans are exported where there is an endpoint, and nowhere else.
    pub otlp_endpoint: Option<String>,
}

/// Starts logging, tracing and metrics for `service`. Once a process.
#[must_use]
pub fn start(service: &'static str, wishes: &Wishes) -> Telemetry {
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let traces = traces(&resource, wishes.otlp_endpoint.as_deref());
    let registry = prometheus::Registry::new();
    let metrics = metrics(resource, &registry);
    global::set_meter_provider(metrics.clone());

    let filter = || EnvFilter::try_new(&wishes.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let to_terminal = std::io::stdout().is_terminal();
    let pretty = to_terminal.then(|| tracing_subscriber::fmt::layer().with_filter(filter()));
    let json = (!to_terminal).then(|| {
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_filter(filter())
    });
    let spans = wishes.otlp_endpoint.as_ref().map(|_| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer(service))
            .with_filter(EnvFilter::new("info"))
    });
    tracing_subscriber::registry().with(pretty).with(json).with(spans).init();
    Telemetry { registry, traces, metrics }
}

fn traces(resource: &Resource, endpoint: Option<&str>) -> SdkTracerProvider {
    let builder = SdkTracerProvider::builder().with_resource(resource.clone());
    if endpoint.is_none() {
        return builder.build();
    }
    // The exporter reads OTEL_EXPORTER_OTLP_ENDPOINT and its companions by itself.
    match opentelemetry_otlp::SpanExporter::builder().with_http().build() {
        Ok(exporter) => builder.with_batch_exporter(exporter).build(),
        Err(_) => builder.build(),
    }
}

fn metrics(resource: Resource, registry: &prometheus::Registry) -> SdkMeterProvider {
    let builder = SdkMeterProvider::builder().with_resource(resource);
    match opentelemetry_prometheus::exporter().with_registry(registry.clone()).build() {
        Ok(reader) => builder.with_reader(reader).build(),
        Err(_) => builder.build(),
    }
}

impl Telemetry {
    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn render_metrics(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }

    /// Sends what has not been sent yet.
    pub fn stop(&self) {
        self.traces.shutdown().ok();
        self.metrics.shutdown().ok();
    }
}

/// The W3C `traceparent` of the present span; empty where nothing is traced.
#[must_use]
pub fn traceparent() -> String {
    let context = Span::current().context();
    if !context.span().span_context().is_valid() {
        return String::new();
    }
    let mut carrier = std::collections::HashMap::<String, String>::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove("traceparent").unwrap_or_default()
}

/// Continues the trace that `traceparent` names in `span`.
pub fn continue_trace(span: &Span, traceparent: &str) {
    if traceparent.is_empty() {
        return;
    }
    let carrier =
        std::collections::HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let context: Context = TraceContextPropagator::new().extract(&carrier);
    span.set_parent(context).ok();
}
