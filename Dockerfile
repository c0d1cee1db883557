# One image for all three processes: docker-compose.yml says which one a container is. No secret is needed to build it.
FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tidemark
WORKDIR /tidemark

# Exactly what is pinned, by hash, and nothing that would have to be compiled.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
    --only-binary :all: --require-hashes --requirement requirements.txt

# Owned by root: the process can change nothing of itself.
COPY . .
ENV STATIC_ROOT=/tidemark/staticfiles PYTHONUNBUFFERED=1 BIND=0.0.0.0:8000
RUN DATABASE_URL=sqlite://:memory: python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q assessments clinic infusions patients \
    && chmod -R go+rX .

USER 10001:10001
ENV PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["python", "scripts/run.py", "web"]
